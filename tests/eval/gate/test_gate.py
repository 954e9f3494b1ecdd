from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from data.gold import GoldArticle
from data.labelled import LabelledArticle
from data.labels.user import SOURCE
from eval.gate.judge import choose_articles, judge
from eval.gate.verdict import Verdict
from model import Analyzer, InputError
from model.manifest import Manifest
from tests.small_model import make_model

# A theme holds where its letter is in the text; `旧` and `新` stand for harder cases.
PLAIN = "岭南县今年栽下行道树三千棵，街道两旁都绿了。"
PREVENTION = [f"{PLAIN}村医第{i}次随访，{'防' if i < 7 else '旧'}得住。" for i in range(10)]
TALENT = [f"{PLAIN}医院第{i}次招{'才' if i < 7 else '新'}，住进村里。" for i in range(10)]
TCM = [f"{PLAIN}第{i}家药馆开到了村口，药香飘过街。" for i in range(10)]
NONE = [f"{PLAIN}第{i}条街也有。" for i in range(20)]


def golds() -> list[GoldArticle]:
    texts = {"prevention": PREVENTION, "talent": TALENT, "tcm": TCM, "": NONE}
    return [
        GoldArticle(f"{key}{i}", text, frozenset({key} - {""}))
        for key, some in texts.items()
        for i, text in enumerate(some)
    ]


@pytest.fixture
def verdict_of(tmp_path: Path) -> object:
    old = {"prevention": "防", "talent": "才"}

    def ask(**new: str) -> Verdict:
        folders = (make_model(tmp_path / name, letters) for name, letters in
                   (("old", old), ("new", new)))  # fmt: skip
        counts: list[tuple[int, int]] = []
        verdict = judge(
            *map(Analyzer.load, folders), golds(), show=lambda *count: counts.append(count)
        )
        n_all = 2 * len(golds())
        assert counts == [(n, n_all) for n in range(1, n_all + 1)]
        return verdict

    return ask


def test_a_better_model_is_let_through(verdict_of) -> None:
    verdict = verdict_of(prevention="防旧", talent="才")
    assert verdict.accepted
    rows = {j.key: j for j in verdict.judged}
    assert rows["prevention.f1"].difference > 0.1
    assert rows["prevention.f1"].low >= 0
    assert rows["prevention.f1"].n_positive == 10
    assert verdict.to_dict()["accepted"] is True


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ({"prevention": "防", "talent": "才"}, "整体没有变好"),
        # The whole is better, one theme is not.
        ({"prevention": "防旧", "talent": "夸"}, "talent F1 下降"),
        ({"prevention": "防旧"}, "没有原来的主题"),
        ({"prevention": "防旧条", "talent": "才新"}, "误报上升"),
        ({"prevention": "防", "talent": "才", "tcm": "夸"}, "新主题至少要"),
    ],
)
def test_a_model_is_refused(verdict_of, new: dict[str, str], reason: str) -> None:
    verdict = verdict_of(**new)
    assert not verdict.accepted
    assert reason in "；".join(verdict.reasons)


def test_a_poisoned_theme_is_refused(verdict_of) -> None:
    """Three in ten labels of a theme flipped: it misses some and shouts at others."""
    verdict = verdict_of(prevention="防旧", talent="新香")
    assert any("talent F1 下降" in reason for reason in verdict.reasons)


def test_a_new_theme_needs_to_be_good_and_the_old_ones_as_they_were(verdict_of) -> None:
    verdict = verdict_of(prevention="防", talent="才", tcm="馆")
    assert verdict.accepted
    assert {j.key: j.old for j in verdict.judged}["tcm.f1"] is None


def test_too_few_articles_judge_nothing(tmp_path: Path) -> None:
    model = Analyzer.load(make_model(tmp_path / "m", {"smart": "智"}))
    with pytest.raises(InputError, match="无法评判"):
        judge(model, model, golds()[:5])


def test_an_article_that_cleaning_empties_is_left_out(tmp_path: Path) -> None:
    model = Analyzer.load(make_model(tmp_path / "m", {"smart": "智"}))
    verdict = judge(model, model, [*golds(), GoldArticle("empty", "（本报讯）", frozenset())])
    assert verdict.n_articles == len(golds())


def test_no_article_that_either_model_learned_from_is_chosen(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "m", {"smart": "智"}, held_out=("both", "old only", "u5"))
    old = Manifest.load(folder)
    new = replace(old, held_out=("both", "new only", "u1", "u2", "u3", "u5"))
    # u3 is a repost of what both learned from; u4 was not held out by the new model.
    texts = {"both": TCM[0], "old only": TCM[1], "new only": NONE[0], "neither": PREVENTION[0],
             "u1": "第一篇，讲的是卫生院的门诊。", "u2": "第二篇，说的是牙科与眼科。",
             "u3": PREVENTION[0], "u4": "第四篇，写的是食堂与花园。",
             "u5": "第五篇，记的是一次开会。"}  # fmt: skip
    articles = [
        LabelledArticle(k, text, SOURCE if k[0] == "u" else "corpus", frozenset())
        for k, text in texts.items()
    ]
    chosen = {a.id for a in choose_articles(old, new, articles, learned={"u2"})}
    assert chosen == {"both", "u1", "u5"}
    assert {a.id for a in choose_articles(old, new, articles, None)} == {"both", "u5"}
