"""HTML of 今日: the articles of the library, and the entries of a brief."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlalchemy import Engine

from serving.brief.entries import Brief, Entry
from serving.library.articles import head_of, list_articles, load_articles, read_past
from serving.library.events import EventReport, find_event
from serving.library.saved_searches import list_searches
from serving.library.search import Passage, SearchQuery, search
from serving.output.sources import printed_source
from serving.output.tables import summary_cell
from serving.page.phrases import both
from serving.page.templates import render

SHOWN_ARTICLES = 100
_SHOWN_CHARS = 1500
_TITLE_CHARS = 24


@dataclass(frozen=True)
class Part:
    """A stretch of a passage; it is lit where it is a word that was searched for."""

    text: str
    is_lit: bool


@dataclass(frozen=True)
class ShownReport:
    """A report of the event that the open article tells of."""

    number: int
    title: str
    day: str
    source: str
    is_open: bool
    notes: tuple[Markup, ...]


@dataclass(frozen=True)
class OpenedArticle:
    """What is shown of the article that is open; lit parts of its text are new in its event."""

    summary: str
    text: tuple[Part, ...]
    past: tuple[Markup, ...]
    reports: tuple[ShownReport, ...]
    has_new: bool


@dataclass(frozen=True)
class ShownArticle:
    """A row of the list."""

    number: int
    title: str
    day: str
    source: str
    themes: tuple[str, ...]
    is_read: bool
    passage: tuple[Part, ...]
    opened: OpenedArticle | None


@dataclass(frozen=True)
class _ShownSearch:
    name: str
    n_new: int


def show_articles(
    store: Engine, query: SearchQuery, by: str, names: Mapping[str, str], opened: int = 0
) -> Markup:
    """Return the articles of a query, and above them the searches that the person keeps.

    Args:
        store: the store.
        query: filters, and words if any.
        by: the person.
        names: Chinese name of every theme, by key.
        opened: number of the article that is open.

    Raises:
        InputError: nothing can be searched for.
    """
    saved = [_ShownSearch(found.name, len(found.new)) for found in list_searches(store, by)]
    read = {found.number for found in list_articles(store, query.wanted, by) if found.is_read}
    if query.words.strip() or query.indicator.strip():
        hits = search(store, query, SHOWN_ARTICLES)
        rows = [
            (h.number, h.title or h.head, h.day, h.source, h.themes, _cut(h.passage))
            for h in hits.hits
        ]
        n_found, is_more = hits.n_found, hits.is_more
    else:
        listed = list_articles(store, query.wanted, by)
        rows = [
            (a.number, a.title or a.head, a.day, a.source, a.themes, ())
            for a in listed[:SHOWN_ARTICLES]
        ]
        n_found, is_more = len(listed), False
    if opened and opened not in {row[0] for row in rows}:  # by a link from another report
        rows = [*_row_of(store, opened), *rows]
    shown = [
        ShownArticle(
            number, title, day, printed_source(source),
            tuple(names.get(theme, theme) for theme in themes), number in read, passage,
            _open(store, number) if number == opened else None,
        )
        for number, title, day, source, themes, passage in rows
        if number == opened or query.wanted.unread_by is None or number not in read
    ]  # fmt: skip
    return render(
        "desk/articles.html.j2", rows=shown, saved=saved, n_found=n_found, is_more=is_more
    )


def show_brief(brief: Brief | None, names: Mapping[str, str]) -> Markup:
    """Return the entries of a brief, or the help that is shown before there is one."""
    if brief is None:
        return render("desk/entries.html.j2", brief=None)
    themes = dict.fromkeys(entry.theme for entry in brief.entries)
    sections = [
        {
            "name": names.get(theme, theme),
            "entries": [_entry(entry) for entry in brief.entries if entry.theme == theme],
        }
        for theme in themes
    ]
    return render("desk/entries.html.j2", brief=brief, sections=sections)


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "key": entry.key, "title": entry.title.text, "lines": entry.lines,
        "more": entry.more, "n_sources": len(entry.sources),
        "differing": [{"one": d.one.text, "other": d.other.text} for d in entry.differing],
    }  # fmt: skip


def _cut(passage: Passage) -> tuple[Part, ...]:
    parts, at = [], 0
    for start, end in passage.lit:
        parts += [Part(passage.text[at:start], False), Part(passage.text[start:end], True)]
        at = end
    parts.append(Part(passage.text[at:], False))
    return tuple(part for part in parts if part.text)


def _row_of(store: Engine, number: int) -> list[Any]:
    return [
        (
            kept.number, str(kept.record.get("title") or head_of(kept.record["text"])),
            kept.day, str(kept.record.get("source") or ""),
            tuple(theme["theme"] for theme in kept.record["themes"]), (),
        )
        for kept in load_articles(store, [number])
    ]  # fmt: skip


def _open(store: Engine, number: int) -> OpenedArticle | None:
    found: Sequence[object] = load_articles(store, [number])
    if not found:
        return None
    past = read_past(store, number)
    newest = past[-1].record
    lines = tuple(
        both(
            "desk.past",
            at=f"{one.at.astimezone():%Y-%m-%d %H:%M}",
            model=one.model,
            themes="、".join(t["name"] for t in one.record["themes"]) or both("desk.no_theme"),
            n=len(one.record["figures"]),
        )
        for one in past
    )
    reports = find_event(store, number)
    new = next((report.new for report in reports if report.number == number), ())
    shown = tuple(place for place in new if place[1] <= _SHOWN_CHARS)
    text = _cut(Passage(newest["text"][:_SHOWN_CHARS], shown))
    return OpenedArticle(
        summary_cell(newest), text, lines, _show_reports(reports, number), bool(shown)
    )


def _show_reports(reports: Sequence[EventReport], opened: int) -> tuple[ShownReport, ...]:
    titles = {report.number: report.title or head_of(report.text) for report in reports}
    return tuple(
        ShownReport(
            report.number, report.title or head_of(report.text), report.day,
            printed_source(report.source), report.number == opened,
            tuple(_report_notes(report, titles, is_first=i == 0)),
        )
        for i, report in enumerate(reports)
    )  # fmt: skip


def _report_notes(
    report: EventReport, titles: Mapping[int, str], *, is_first: bool
) -> Iterator[Markup]:
    if is_first:
        yield both("desk.first")
    if report.copies is not None:
        yield both("desk.copied", title=titles[report.copies][:_TITLE_CHARS])
    for one, other in report.changes:
        yield both("desk.changed", one=one, other=other)
