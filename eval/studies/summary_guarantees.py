"""Guarantees of summaries, checked on the report alone.

`python -m eval.studies.summary_guarantees DATA.jsonl [--articles 1000]`

DATA are articles as JSON Lines (also gzipped), labelled or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from data.command import run_command
from data.corpus.import_rows import read_lines
from model import Analyzer, Article, InputError, Report, Span, Summary
from model.figures.numbers.candidates import find_candidates
from model.summary import NO_SUMMARY
from model.summary.check import find_faults

BUDGETS = (60, 150, 250, 500)


def broken_promises(report: Report, max_chars: int) -> list[str]:
    """Return the guarantees that a report's summaries break; empty if none.

    Args:
        report: a report whose summary was made with the budget `max_chars`.
        max_chars: the budget, in characters.
    """
    summary = report.summary
    problems = [*_check_text(report, summary, max_chars), *find_faults(report.article, summary)]
    if not summary.text and NO_SUMMARY not in report.warnings:
        problems.append("没有摘要也没有提示")
    if any(figure.kind != "from" for figure in report.figures) and summary.main_figure is None:
        problems.append("有数字而无主要数字")
    if set(summary.by_theme) != {theme.theme for theme in report.themes}:
        problems.append("主题摘要与主题不一致")
    for theme in report.themes:
        own = summary.by_theme[theme.theme]
        found = [*_check_text(report, own, max_chars), *find_faults(report.article, own)]
        problems += [f"{theme.name}：{problem}" for problem in found]
        if own.text and not any(excerpt.sentence in theme.evidence for excerpt in own.sentences):
            problems.append(f"{theme.name}：没有一句依据")  # others may name what it refers to
    return problems


def _check_text(report: Report, summary: Summary, max_chars: int) -> Iterator[str]:
    text = report.article.text
    kept = [span for excerpt in summary.sentences for span in excerpt.kept]
    read = "".join(excerpt.read(text) for excerpt in summary.sentences)
    if summary.text.replace(" ", "") != read.replace(" ", ""):  # blanks part unstopped sentences
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


def main(
    path: Annotated[Path, typer.Argument(help="JSON Lines of articles.")],
    articles: Annotated[int, typer.Option(help="how many, spread over the file", min=1)] = 1_000,
) -> None:
    """Check articles at every budget; print broken guarantees and exit with 1 if any."""
    analyzer = Analyzer.load()
    read = read_lines(path)
    broken: Counter[int] = Counter()
    empty: Counter[int] = Counter()
    kept = [line["text"] for line in read[:: max(1, len(read) // articles)]][:articles]
    n_read = 0
    for text in kept:
        try:
            article = Article.from_raw(text)
        except InputError:
            continue
        n_read += 1
        encoded = analyzer.encode(article)
        for max_chars in BUDGETS:
            report = analyzer.analyze(article, summary_chars=max_chars, encoded=encoded)
            problems = broken_promises(report, max_chars)
            broken[max_chars] += bool(problems)
            empty[max_chars] += not report.summary.text
            for problem in problems:
                print(f"{max_chars} 字，{article.text[:20]!r}：{problem}")
    for max_chars in BUDGETS:
        print(
            f"{max_chars} 字：{n_read} 篇，{broken[max_chars]} 篇有不符，{empty[max_chars]} 篇未写"
        )
    if broken.total():
        raise typer.Exit(1)


if __name__ == "__main__":
    run_command(main)
