from __future__ import annotations

from pathlib import Path

import pytest

from data.corpus.annotated import parse_annotated, read_corpus
from data.corpus.loader import CORPUS_FOLDER
from data.labelled import LabelledArticle
from data.themes import read_themes
from model import Article, InputError

KEYS = frozenset(theme.key for theme in read_themes())
TEXT = """# a-1
title: 山里的血压本
date: 2022-11-03
primary: prevention

*[prevention] 全县{1.2万名|高血压患者|12000|人|level||2022}高血压患者有了随访本。
老马谁也不让碰。

[prevention talent?] 第二段由村医{3~5人|村医|3~5|人|target|~|}随访。
"""


def parse(text: str) -> LabelledArticle:
    return next(parse_annotated(text, "x.txt", KEYS))


def test_text_labels_and_figures_are_read() -> None:
    article = parse(TEXT)
    assert article.text.split("\n")[1].startswith("第二段由村医3~5人")
    assert (article.themes, article.borderline) == ({"prevention"}, {"talent"})
    assert article.primary == "prevention"
    first, second, third = article.sentences or ()
    assert (first.key, second.key) == (True, False)
    assert article.text[third.start : third.end].startswith("第二段")
    one, two = article.figures or ()
    assert article.text[one.start : one.end] == "1.2万名"
    assert (one.value, one.year, two.value, two.bound) == ((12000.0,), 2022, (3.0, 5.0), "~")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[prevention]", "[preventoin]", "第 6 行：未知主题 preventoin"),
        ("|level|", "|levl|", "第 6 行：kind 或 bound"),
        ("|12000|", "|一万二|", "第 6 行：value 或 year"),
        ("|2022}", "}", "第 6 行：数字标注应有 7 栏"),
        ("高血压患者有了", "}高血压患者有了", "第 6 行：花括号不成对"),
        ("|12000|", "|nan|", "第 6 行：指标不能为空"),
        ("|高血压患者|", "||", "第 6 行：指标不能为空"),
        ("date:", "datum:", "第 3 行：应为"),
        ("primary: prevention", "primary: smart", "没有句子标注该主题"),
    ],
)
def test_mistakes_are_named_by_line(old: str, new: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(TEXT.replace(old, new))


def test_an_id_may_stand_once_only(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT + "\n" + TEXT, encoding="utf-8")
    with pytest.raises(InputError, match="重复"):
        read_corpus(tmp_path, KEYS)


@pytest.fixture(scope="module")
def corpus() -> list[LabelledArticle]:
    return read_corpus(CORPUS_FOLDER, KEYS)


def test_the_corpus_is_as_large_and_as_hard_as_was_promised(corpus: list[LabelledArticle]) -> None:
    assert len(corpus) >= 120
    assert sum(not a.themes for a in corpus) * 2 >= len(corpus)
    for theme in KEYS:
        assert sum(theme in a.themes for a in corpus) >= 15


def test_cleaning_keeps_every_labelled_sentence(corpus: list[LabelledArticle]) -> None:
    lost = []
    for labelled in corpus:
        kept = set(Article.from_raw(labelled.text).offsets[:-1].tolist())
        for s in labelled.sentences or ():
            letters = [i for i in range(s.start, s.end) if labelled.text[i].isalnum()]
            if (s.themes or s.key) and sum(i in kept for i in letters) < 0.9 * len(letters):
                lost.append((labelled.id, labelled.text[s.start : s.end]))
    assert lost == []


def test_every_indicator_stands_in_its_article(corpus: list[LabelledArticle]) -> None:
    for article in corpus:
        for figure in article.figures or ():
            assert figure.indicator in article.text + article.title, (article.id, figure)
