"""The brief that the program proposes: one entry an event, by theme and weight."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from data.events.grouping import EventArticle, EventGroup, Member, find_new, group_events
from serving.brief.entries import (
    NO_THEME,
    BriefArticle,
    Differing,
    Entry,
    KeyRow,
    Line,
    Place,
    Source,
    quote,
)
from serving.output.sources import printed_source
from serving.output.tables import DOUBTFUL_MARK, KINDS, table_figures

MAX_ENTRIES = 30
_MAX_ROWS = 6
_MAX_LINES = 3
_MAX_DIFFERING = 3
_MAX_MORE = 2
_FIGURE_WEIGHT, _REPORT_WEIGHT, _FULL_FIGURES = 0.04, 0.15, 6
_SHORT_TITLE = 40
_SAME_SCORE, _ENOUGH_FIGURES = 0.1, 2


def propose_entries(
    articles: Sequence[BriefArticle], limit: int = MAX_ENTRIES, *, only_themes: bool = True
) -> tuple[Entry, ...]:
    """Return entries by theme, the weightiest theme first and none last, and by weight within it.

    Args:
        articles: those of the days in question, in the order in which they came.
        limit: how many entries at most.
        only_themes: leave out events of which no report has a theme.
    """
    groups = group_events([EventArticle(a.text, _to_date(a.day)) for a in articles])
    entries = [make_entry(articles, group) for group in groups]
    wanted = [entry for entry in entries if entry.theme != NO_THEME or not only_themes]
    best = sorted(wanted, key=lambda entry: (entry.theme == NO_THEME, -entry.weight))[:limit]
    order = list(dict.fromkeys(entry.theme for entry in best))
    return tuple(sorted(best, key=lambda entry: order.index(entry.theme)))


def make_entry(articles: Sequence[BriefArticle], group: EventGroup) -> Entry:
    """Return the entry of an event; it quotes the report that weighs most."""
    members = [articles[member.index] for member in group.members]
    main = _choose_main(members)
    sources = [
        _to_source(article, member, articles, is_first=i == 0 and len(members) > 1)
        for i, (article, member) in enumerate(zip(members, group.members, strict=True))
    ]
    sources.sort(key=lambda source: source.article != main.key)
    return Entry(
        key=main.key,
        theme=str(main.record.get("primary") or NO_THEME),
        title=title_of(main),
        lines=_lines_of(main),
        rows=rows_of(main),
        sources=tuple({source.article: source for source in sources}.values()),
        weight=round(weigh(main) + _REPORT_WEIGHT * math.log(len(members)), 4),
        differing=_differing(articles, group),
        more=_more(main, members),
    )


def entry_of(article: BriefArticle) -> Entry:
    """Return the entry of one article on its own."""
    return make_entry([article], EventGroup((Member(0, None, ()),)))


def weigh(article: BriefArticle) -> float:
    """Return how much an article matters: its themes' probability and its key figures."""
    n_figures = min(len(table_figures(article.record["figures"])), _FULL_FIGURES)
    return _theme_score(article) + _FIGURE_WEIGHT * n_figures


def _choose_main(members: Sequence[BriefArticle]) -> BriefArticle:
    """Return the report to quote: the first of those that carry the theme best and have rows."""
    best_theme = max(_theme_score(article) for article in members)
    sure = [a for a in members if _theme_score(a) >= best_theme - _SAME_SCORE]
    return next((a for a in sure if len(a.record["figures"]) >= _ENOUGH_FIGURES), sure[0])


def _theme_score(article: BriefArticle) -> float:
    return max((float(theme["score"]) for theme in article.record["themes"]), default=0.0)


def title_of(article: BriefArticle) -> Line:
    """Return the title as a line: at its place where the text has it, else the article's own."""
    title = article.title
    start = article.text.find(title)
    if start >= 0:
        return quote(article, ((start, start + len(title)),))
    return Line(title, (Place(article.key, 0, 0),))


def rows_of(article: BriefArticle) -> tuple[KeyRow, ...]:
    """Return the key rows of an article."""
    figures = table_figures(article.record["figures"])[:_MAX_ROWS]
    return tuple(_to_row(article, figure) for figure in figures)


def _to_row(article: BriefArticle, figure: Any) -> KeyRow:
    start, end = int(figure["start"]), int(figure["end"])
    return KeyRow(
        indicator=str(figure["indicator"]),
        body=str(figure.get("body") or ""),
        text=article.text[start:end],
        kind=KINDS.get(str(figure["kind"]), "") + DOUBTFUL_MARK * bool(figure.get("doubtful")),
        year=figure["year"],
        place=Place(article.key, start, end),
    )


def _lines_of(article: BriefArticle) -> tuple[Line, ...]:
    """Return the sentences of the summary, what was cut left out."""
    sentences = article.record["summary"]["sentences"][:_MAX_LINES]
    spans = (
        tuple((part["start"], part["end"]) for part in sentence.get("kept") or [sentence])
        for sentence in sentences
    )
    return tuple(quote(article, found) for found in spans)


def _to_source(
    article: BriefArticle, member: Member, articles: Sequence[BriefArticle], *, is_first: bool
) -> Source:
    note = "首发" if is_first else ""
    if member.copies is not None:
        copied = articles[member.copies]
        note = f"转自《{copied.title[:_SHORT_TITLE]}》"
    record = article.record
    source = printed_source(str(record.get("source") or ""))
    return Source(article.key, article.title, source, article.day, note)


def _differing(articles: Sequence[BriefArticle], group: EventGroup) -> tuple[Differing, ...]:
    """Return the figures that reports give differently from the first, each with its place."""
    first = articles[group.first]
    found = [
        Differing(
            quote(first, ((change.first.start, change.first.end),)),
            quote(articles[member.index], ((change.second.start, change.second.end),)),
        )
        for member in group.members[1:]
        for change in member.changes
    ]
    return tuple(found[:_MAX_DIFFERING])


def _more(main: BriefArticle, members: Sequence[BriefArticle]) -> tuple[Line, ...]:
    """Return sentences of other reports' summaries that say what none before them says."""
    known, found = [main.text], list[Line]()
    for article in members:
        if article.key == main.key:
            continue
        lines = _lines_of(article)
        spans = [(line.places[0].start, line.places[-1].end) for line in lines]
        new = find_new(article.text, spans, known)
        found += [lines[i] for i in new]
        known.append(article.text)
    return tuple(found[:_MAX_MORE])


def _to_date(day: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(day)
    return None
