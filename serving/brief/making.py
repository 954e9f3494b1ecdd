"""Making a brief of the library or of a file of reports, and writing it in any of its forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from model import InputError
from serving.brief.entries import KINDS, Brief, BriefArticle, to_article
from serving.brief.propose import propose_entries
from serving.brief.texts import to_html, to_markdown, to_plain
from serving.brief.word import fill_template, write_brief
from serving.library.articles import load_between, load_by_digest

_HEADINGS = {
    "daily": "卫生健康舆情日报",
    "weekly": "卫生健康舆情周报",
    "monthly": "卫生健康舆情月报",
    "special": "卫生健康舆情专题",
}
SUFFIXES = (".docx", ".md", ".html", ".txt")


def new_brief(kind: str, day: str, days: int, title: str = "") -> Brief:
    """Return an empty brief.

    Raises:
        InputError: there is no such kind or day, or there are no days.
    """
    if kind not in KINDS:
        raise InputError(f"没有“{kind}”这种；可用：{'、'.join(KINDS)}")
    if days < 1:
        raise InputError("天数应大于 0")
    last = parse_day(day)
    if days > last.toordinal():
        raise InputError(f"{last} 往前没有 {days} 天")
    heading = title.strip() or f"{_HEADINGS[kind]}（{last.year}年{last.month}月{last.day}日）"
    return Brief(kind, heading, last.isoformat(), days)


def collect(store: Engine, brief: Brief) -> list[BriefArticle]:
    """Return the library's articles of the brief's days."""
    last = parse_day(brief.date)
    since = (last - timedelta(days=brief.days - 1)).isoformat()
    kept = load_between(store, since, last.isoformat())
    return [to_article(article.record, article.day) for article in kept]


def choose_records(records: Iterable[dict[str, Any]], brief: Brief) -> list[BriefArticle]:
    """Return the articles of the brief's days among reports; those without a date count too."""
    last = parse_day(brief.date)
    since = (last - timedelta(days=brief.days - 1)).isoformat()
    articles = (to_article(record) for record in records if "error" not in record)
    return [a for a in articles if not a.day or since <= a.day <= last.isoformat()]


def propose(brief: Brief, articles: list[BriefArticle], limit: int, *, every: bool) -> Brief:
    """Return the brief with what the program proposes."""
    entries = propose_entries(articles, limit, only_themes=not every)
    return brief.with_entries(entries)


def write_file(
    brief: Brief, names: Mapping[str, str], out: Path, template: Path | None = None
) -> None:
    """Write a brief in the form of the file's suffix, whole or not at all.

    Raises:
        InputError: the form is unknown, or a template goes with Word alone.
    """
    content = to_bytes(brief, names, out.suffix.lower(), template)
    part = out.with_name(f".{out.name}.part")
    part.write_bytes(content)
    part.replace(out)


def to_bytes(
    brief: Brief, names: Mapping[str, str], suffix: str, template: Path | None = None
) -> bytes:
    """Return a brief as a file; arguments and errors as in `write_file`."""
    if template is not None:
        if suffix != ".docx":
            raise InputError("模板只用于 docx；请把 -o 写成 .docx")
        return fill_template(brief, names, template)
    if suffix == ".docx":
        return write_brief(brief, names)
    makers = {".md": to_markdown, ".html": to_html, ".txt": to_plain}
    if suffix not in makers:
        raise InputError(f"不认识 {suffix}；可用：{'、'.join(SUFFIXES)}")
    return makers[suffix](brief, names).encode()


def article_finder(store: Engine, records: Iterable[dict[str, Any]] = ()) -> Any:
    """Return what finds an article by its key: among reports, then in the library."""
    known = {a.key: a for a in (to_article(r) for r in records if "error" not in r)}

    def find(key: str) -> BriefArticle | None:
        if key not in known and (kept := load_by_digest(store, key)) is not None:
            known[key] = to_article(kept.record, kept.day)
        return known.get(key)

    return find


def parse_day(text: str) -> date:
    """Read a day as `2024-05-16`.

    Raises:
        InputError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"日期应写成 2024-05-16，现在是“{text:.20}”") from None
