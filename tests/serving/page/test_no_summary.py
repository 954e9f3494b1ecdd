"""The page says where there is no summary, and shows names that were put in as such."""

from __future__ import annotations

from dataclasses import replace

from model import Analyzer, Article, Summary
from model.report import Excerpt, Insertion
from serving.page.single.view import show_head
from tests.conftest import ARTICLE


def test_a_note_stands_in_place_of_an_empty_summary(analyzer: Analyzer) -> None:
    report = analyzer.analyze(Article.from_raw(ARTICLE))
    names = analyzer.manifest.theme_names
    assert "未写摘要" not in show_head(report, names)
    empty = replace(report, summary=Summary("", ()))
    assert "未写摘要" in show_head(empty, names)
    assert "0 字" not in show_head(empty, names)


def test_a_name_before_the_first_word_is_shown_as_put_in(analyzer: Analyzer) -> None:
    report = analyzer.analyze(Article.from_raw(ARTICLE))
    first = report.article.sentences[0]
    excerpt = Excerpt(first, (first,), inserted=(Insertion(first.start, "（云岭县医院）"),))
    text = excerpt.read(report.article.text)
    assert text.startswith("（云岭县医院）")
    shown = replace(report, summary=Summary(text, (excerpt,)))
    assert "<ins>（云岭县医院）</ins>" in show_head(shown, analyzer.manifest.theme_names)
