from __future__ import annotations

from dataclasses import replace

import pytest

from data.gold import read_gold_articles
from eval.gate.floors import GOLD
from eval.measuring.predictions import clean_gold
from eval.studies.summary_guarantees import BUDGETS, broken_promises
from model import Analyzer, Article, Report, Span
from model.summary import NO_SUMMARY
from tests.conftest import ARTICLE

KEYS = frozenset({"prevention", "alliance", "smart", "talent"})


@pytest.fixture(scope="module")
def report(analyzer: Analyzer) -> Report:
    return analyzer.analyze(Article.from_raw(ARTICLE))


@pytest.mark.parametrize("max_chars", BUDGETS)
def test_promises_hold_on_our_own_gold(analyzer: Analyzer, max_chars: int) -> None:
    articles = [clean_gold(gold) for gold in read_gold_articles(GOLD, KEYS)[::2]]
    reports = analyzer.analyze_many(articles, summary_chars=max_chars)
    assert {r.article.id: broken_promises(r, max_chars) for r in reports} == {
        a.id: [] for a in articles
    }


def test_a_longer_budget_says_more(analyzer: Analyzer) -> None:
    article = Article.from_raw(ARTICLE)
    short, long = (
        analyzer.analyze(article, summary_chars=n).summary.text for n in (BUDGETS[0], BUDGETS[-1])
    )
    assert len(short) < len(long)


def test_a_changed_text_is_found(report: Report) -> None:
    changed = replace(report.summary, text=report.summary.text.replace("医", "兽"))
    assert "文字与所留的片段不符" in broken_promises(replace(report, summary=changed), 150)


def test_a_summary_over_budget_is_found(report: Report) -> None:
    assert "超出 20 字" in broken_promises(report, 20)


def summary_of_sentence(report: Report, words: str) -> Report:
    """A report whose summary is one whole sentence that has the words."""
    article = report.article
    first = next(s for s in article.sentences if words in s.of(article.text))
    excerpt = replace(report.summary.sentences[0], sentence=first, kept=(first,), cuts=())
    other = replace(report.summary, text=first.of(article.text), sentences=(excerpt,))
    return replace(report, summary=other)


def test_a_pointer_without_a_name_and_a_heading_are_found(analyzer: Analyzer) -> None:
    text = (
        "磐安县人民医院新添床位300张，明年启用。该院还派出12名医生下乡坐诊，带教村医。\n"
        "双方将继续合作，一起带教村里的医生。\n聚焦主业强服务"
    )
    report = analyzer.analyze(Article.from_raw(text))
    for words, fault in (("该院", "未点名"), ("双方", "无所指"), ("聚焦", "太短")):
        problems = broken_promises(summary_of_sentence(report, words), 150)
        assert any(problem.startswith(fault) for problem in problems), problems


def test_an_empty_summary_needs_its_warning(report: Report) -> None:
    summary = replace(report.summary, text="", sentences=(), by_theme={})
    empty = replace(report, summary=summary, themes=())
    assert "没有摘要也没有提示" in broken_promises(empty, 150)
    warned = replace(empty, warnings=(NO_SUMMARY,))
    assert broken_promises(warned, 150) == []


def test_a_number_cut_in_two_is_found(report: Report) -> None:
    article = report.article
    at = article.text.index("83名")
    sentence = next(s for s in article.sentences if s.start <= at < s.end)
    kept = Span(at + 1, sentence.end)
    excerpt = replace(report.summary.sentences[0], sentence=sentence, kept=(kept,), cuts=())
    other = replace(report.summary, text=kept.of(article.text), sentences=(excerpt,))
    assert any("83名" in p for p in broken_promises(replace(report, summary=other), 150))
