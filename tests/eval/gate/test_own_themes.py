from __future__ import annotations

import re
from dataclasses import replace
from math import comb
from pathlib import Path

import pytest

from data.gold import GoldArticle
from eval.gate.judge import judge
from eval.gate.own_themes import (
    compare_own,
    count_more,
    estimate_f1,
    judge_new,
    object_to_new,
)
from eval.gate.verdict import Verdict
from model import Analyzer
from model.manifest import Manifest
from model.own_themes import OutOfFold, read_own_themes, read_too_few, write_own_themes
from tests.small_model import make_model

# Thirty labelled articles, half with the theme.
GOOD = OutOfFold(5, hits=12, false=1, missed=3, rejected=14, n_clear=150, alarms=2)
DOUBTFUL = OutOfFold(5, hits=10, false=6, missed=5, rejected=9)
POISONED = OutOfFold(5, hits=9, false=9, missed=9, rejected=5, suspects=9)
FEW = OutOfFold(5, hits=2, false=1, missed=4, rejected=5)


def test_the_interval_of_f1_is_wilsons_of_the_share_that_is_right() -> None:
    found = estimate_f1(OutOfFold(5, hits=11, false=4, missed=4, rejected=11))
    assert (found.value, found.low, found.high) == pytest.approx((0.733, 0.5325, 0.8695), abs=1e-3)
    perfect = estimate_f1(OutOfFold(5, hits=6, false=0, missed=0, rejected=6))
    assert (perfect.low, perfect.high) == (pytest.approx(0.757, abs=1e-3), 1)
    assert estimate_f1(OutOfFold(5, hits=0, false=0, missed=0, rejected=9)).low == 0


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        (GOOD, ""),
        (DOUBTFUL, "按现在的 F1，请再标注约 15 篇"),
        (FEW, "若 F1 能到 0.7，请再标注约 11 篇"),
        (POISONED, "篇数已够.*9 条疑似标错"),
        (replace(GOOD, alarms=12), "没提到它的 150 篇旧文章里 12 篇被标上"),
        (OutOfFold(5, hits=4, false=0, missed=0, rejected=4), "请再标注约 1 篇"),
    ],
)
def test_what_speaks_against_a_new_theme(own: OutOfFold, reason: str) -> None:
    found = "；".join(object_to_new("中医药", own))
    assert bool(found) == bool(reason)
    assert re.search(reason, found)


def test_as_many_labels_as_it_wants_let_a_theme_pass_and_fewer_do_not() -> None:
    wanted = DOUBTFUL.n_positive + count_more(DOUBTFUL)
    for n_positive, passes in ((wanted, True), (wanted - 5, False)):
        share = n_positive / DOUBTFUL.n_positive
        hits = round(DOUBTFUL.hits * share)
        false = round(21 * share) - n_positive
        more = replace(DOUBTFUL, hits=hits, missed=n_positive - hits, false=false)
        assert (not object_to_new("中医药", more)) is passes


def test_a_theme_of_thirty_labels_mostly_passes_if_it_is_as_good_as_shipped_ones() -> None:
    """Of 17 articles labelled or decided, each is right with the share of F1 0.8, or 0.5."""
    powers = []
    for share in (2 / 3, 1 / 3):
        chances = (comb(17, n) * share**n * (1 - share) ** (17 - n) for n in range(18))
        passing = (not object_to_new("x", _of_seventeen(n)) for n in range(18))
        powers.append(sum(c for c, passes in zip(chances, passing, strict=True) if passes))
    assert powers == pytest.approx([0.83, 0.03], abs=0.01)


def _of_seventeen(hits: int) -> OutOfFold:
    false = (17 - hits) // 2
    return OutOfFold(5, hits=hits, false=false, missed=17 - hits - false, rejected=13)


def test_a_row_says_that_it_is_out_of_fold_and_on_how_many_labels_it_rests() -> None:
    f1, alarms = judge_new("tcm", "中医药", GOOD)
    assert f1.name == "中医药 F1（5 折交叉验证，30 篇标注）"
    assert (f1.n_labelled, f1.n_positive, f1.folds, f1.old) == (30, 15, 5, None)
    assert f1.low < f1.new < f1.high
    assert f1.new == pytest.approx(24 / 28)
    assert "150 篇没提到它的旧文章" in alarms.name
    assert alarms.new == pytest.approx(2 / 150)


def test_figures_on_labels_of_two_models_differ_by_an_interval() -> None:
    row = compare_own("tcm", "中医药", DOUBTFUL, GOOD)
    assert row.low < 0 < row.difference < row.high
    assert compare_own("tcm", "中医药", GOOD, GOOD).difference == 0


def test_metrics_keep_the_figures_and_damaged_ones_are_unknown() -> None:
    metrics = write_own_themes({"tcm": GOOD}, {"草药": 3})
    assert read_own_themes(metrics) == {"tcm": GOOD}
    assert read_too_few(metrics) == {"草药": 3}
    metrics["own_themes"]["tcm"]["hits"] = -1
    assert read_own_themes(metrics) == read_own_themes({"own_themes": 5}) == {}
    assert read_too_few({"too_few": {"草药": "x"}}) == {}


PLAIN = "岭南县今年栽下行道树三千棵，街道两旁都绿了。"
GOLDS = [
    GoldArticle(f"{theme}{i}", f"{PLAIN}第{i}次{body}", frozenset({theme} - {""}))
    for theme, body in (("talent", "招才进村。"), ("", "修街。"))
    for i in range(12)
]


def ask(folder: Path, old: dict[str, OutOfFold], new: dict[str, OutOfFold]) -> Verdict:
    """Judge a model with the theme `tcm`; the old one has it where there are figures of it."""
    letters = {"talent": "才", "tcm": "馆"}
    models = []
    for name, own in (("old", old), ("new", new)):
        kept = letters if own or name == "new" else {"talent": "才"}
        path = make_model(folder / name, kept, name=name, names={"tcm": "中医药"})
        manifest = Manifest.load(path)
        replace(manifest, metrics=write_own_themes(own, {"草药": 3})).save(path)
        models.append(Analyzer.load(path))
    return judge(*models, GOLDS)


def test_a_good_theme_passes_without_a_held_out_article_of_it(tmp_path: Path) -> None:
    verdict = ask(tmp_path, {}, {"tcm": GOOD})
    assert verdict.accepted
    assert {j.key: j.folds for j in verdict.judged}["tcm.f1"] == 5
    assert verdict.notes == ("主题“草药”只有 3 篇，没有训练：请再标注约 14 篇有它的文章",)


@pytest.mark.parametrize("own", [DOUBTFUL, POISONED, FEW])
def test_a_theme_of_few_or_poisoned_labels_is_refused(tmp_path: Path, own: OutOfFold) -> None:
    verdict = ask(tmp_path, {}, {"tcm": own})
    assert [reason.startswith("中医药 交叉验证") for reason in verdict.reasons] == [True]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [(DOUBTFUL, GOOD, ""), (GOOD, GOOD, "整体没有变好"), (GOOD, POISONED, "中医药 F1（5 折")],
)
def test_more_labels_of_a_theme_in_use_are_compared_out_of_fold(
    tmp_path: Path, old: OutOfFold, new: OutOfFold, reason: str
) -> None:
    reasons = "；".join(ask(tmp_path, {"tcm": old}, {"tcm": new}).reasons)
    assert reasons.startswith(reason)
    assert bool(reasons) == bool(reason)


def test_without_figures_held_out_articles_are_asked_for_by_number(tmp_path: Path) -> None:
    (reason,) = ask(tmp_path, {}, {}).reasons
    assert "只有 0 篇有这个主题" in reason
    assert "请再标注约 34 篇" in reason


def test_false_alarms_are_counted_beside_a_theme_that_nobody_looked_for(tmp_path: Path) -> None:
    """In the corpus a user's theme is unknown: its articles are without a theme all the same."""
    golds = [replace(gold, borderline=frozenset({"tcm"})) for gold in GOLDS]
    models = [
        Analyzer.load(make_model(tmp_path / letters, {"talent": letters, "tcm": "馆"}))
        for letters in ("才", "才街")
    ]
    verdict = judge(*models, golds)
    assert any("误报上升" in reason for reason in verdict.reasons)
