"""Guarantees of summaries, checked on the report alone.

`python -m eval.studies.summary_guarantees DATA.jsonl`
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from data.command import run_command
from data.gold import read_gold_articles
from eval.measuring.predictions import clean_gold
from model import Analyzer, Report, Span, Summary
from model.figures.numbers.candidates import find_candidates

BUDGETS = (60, 150, 500)


def broken_promises(report: Report, max_chars: int) -> list[str]:
    """Return the guarantees that a report's summaries break; empty if none.

    Args:
        report: a report whose summary was made with the budget `max_chars`.
        max_chars: the budget, in characters.
    """
    summary = report.summary
    problems = [*_check_text(report, summary, max_chars), *_check_carried(report, max_chars)]
    if set(summary.by_theme) != {theme.theme for theme in report.themes}:
        problems.append("主题摘要与主题不一致")
    for theme in report.themes:
        own = summary.by_theme[theme.theme]
        problems += [f"{theme.name}：{p}" for p in _check_text(report, own, max_chars)]
        if not all(excerpt.sentence in theme.evidence for excerpt in own.sentences):
            problems.append(f"{theme.name}：有不是依据的句子")
    return problems


def _check_text(report: Report, summary: Summary, max_chars: int) -> Iterator[str]:
    text = report.article.text
    kept = [span for excerpt in summary.sentences for span in excerpt.kept]
    if not kept or summary.text != "".join(span.of(text) for span in kept):
        yield "文字与所留的片段不符"
    if any(a.end > b.start for a, b in pairwise(kept)):
        yield "片段不按原文次序"
    if any(e.sentence not in report.article.sentences for e in summary.sentences):
        yield "句子不是原文的句子"
    for excerpt in summary.sentences:
        pieces = sorted([*excerpt.kept, *(c.span for c in excerpt.cuts)], key=lambda s: s.start)
        edges = [excerpt.sentence.start, *(s.end for s in pieces)]
        if [s.start for s in pieces] != edges[:-1] or edges[-1] != excerpt.sentence.end:
            yield "所留与所删合起来不是整句"
    if len(summary.text) > max_chars:
        yield f"超出 {max_chars} 字"
    yield from _check_numbers(text, kept)


def _check_numbers(text: str, kept: list[Span]) -> Iterator[str]:
    """Check that no number is cut, separated from its unit or bound, or joined with another."""
    for number in find_candidates(text):
        inside = [s for s in kept if s.start < number.end and number.start < s.end]
        if any(s.start > number.start or s.end < number.end for s in inside):
            yield f"数字“{text[number.start : number.end]}”被删去一部分"
    for one, other in pairwise(kept):
        if text[one.end - 1].isdigit() and text[other.start].isdigit():
            yield f"两个数字连在一起：{text[one.end - 1]}{text[other.start]}"


def _check_carried(report: Report, max_chars: int) -> Iterator[str]:
    """Check themes and main figure, if one whole sentence for each fits the budget."""
    sentences = {excerpt.sentence for excerpt in report.summary.sentences}
    main = report.summary.main_figure
    if any(figure.kind != "from" for figure in report.figures) and main is None:
        yield "有数字而无主要数字"
    needed = [min(s.end - s.start for s in theme.evidence) for theme in report.themes]
    if main is not None:
        needed.append(len(main.sentence))
    if sum(needed) > max_chars:
        return
    for theme in report.themes:
        if not sentences & set(theme.evidence):
            yield f"没有{theme.name}的句子"
    kept = [span for excerpt in report.summary.sentences for span in excerpt.kept]
    if main and not any(s.start <= main.span.start and main.span.end <= s.end for s in kept):
        yield f"没有主要数字“{main.text}”"


def main(path: Annotated[Path, typer.Argument(help="JSON Lines of gold articles.")]) -> None:
    """Check every article at every budget; print broken guarantees and exit with 1 if any."""
    analyzer = Analyzer.load()
    articles = [
        clean_gold(g) for g in read_gold_articles(path, frozenset(analyzer.manifest.theme_names))
    ]
    broken: Counter[int] = Counter()
    for max_chars in BUDGETS:
        carried: Counter[str] = Counter()
        for article, report in zip(
            articles, analyzer.analyze_many(articles, summary_chars=max_chars), strict=True
        ):
            problems = broken_promises(report, max_chars)
            broken[max_chars] += bool(problems)
            carried += count_carried(report)
            for problem in problems:
                print(f"{max_chars} 字，{article.id}：{problem}")
        print(
            f"{max_chars} 字：{len(articles)} 篇，{broken[max_chars]} 篇有不符；"
            f"主题 {carried['theme']}/{carried['themes']} 有句，"
            f"主要数字 {carried['figure']}/{carried['figures']} 在内"
        )
    if broken.total():
        raise typer.Exit(1)


def count_carried(report: Report) -> Counter[str]:
    """Count themes and main figures, and how many of them the summary carries."""
    sentences = {excerpt.sentence for excerpt in report.summary.sentences}
    kept = [span for excerpt in report.summary.sentences for span in excerpt.kept]
    main = report.summary.main_figure
    return Counter(
        themes=len(report.themes),
        theme=sum(bool(sentences & set(theme.evidence)) for theme in report.themes),
        figures=int(main is not None),
        figure=sum(main is not None and s.start <= main.span.start < s.end for s in kept),
    )


if __name__ == "__main__":
    run_command(main)
