"""A brief as Markdown, HTML and plain text; each sentence ends in the number of its source."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from serving.brief.entries import MANUAL_MARK, Brief, Entry, Line
from serving.brief.word import (
    ANNEX_ROWS,
    ANNEX_SOURCES,
    MORE,
    chinese_number,
    heading_of,
    source_line,
)

_MARKDOWN_SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>|#"})
_STYLE = (
    "body{max-width:46em;margin:2em auto;font-family:FangSong,仿宋,serif;line-height:1.8}"
    "h1{text-align:center}table{border-collapse:collapse}td,th{border:1px solid;padding:.2em .5em}"
)


def to_markdown(brief: Brief, names: Mapping[str, str]) -> str:
    """Return the brief as Markdown."""
    parts = [f"# {_mark(brief.title)}", _mark(heading_of(brief))]
    for i, (name, entries) in enumerate(brief.sections(names), 1):
        parts.append(f"## {chinese_number(i)}、{_mark(name)}")
        for j, entry in enumerate(entries, 1):
            parts += [f"### {j}. {_mark(entry.title.text)}", _mark(_body(brief, entry))]
            parts += [_mark(source_line(entry)), *map(_mark, _notes(brief, entry))]
    if rows := _rows(brief):
        head, *others = [" | ".join(map(_mark, row)) for row in rows]
        rule = " | ".join("---" for _ in rows[0])
        parts += [f"## {ANNEX_ROWS}", "\n".join((head, rule, *others))]
    if brief.sources:
        parts += [f"## {ANNEX_SOURCES}", "\n".join(f"- {_mark(s)}" for s in _sources(brief))]
    return "\n\n".join(parts) + "\n"


def to_plain(brief: Brief, names: Mapping[str, str]) -> str:
    """Return the brief as plain text, to paste anywhere."""
    parts = [brief.title, heading_of(brief)]
    for i, (name, entries) in enumerate(brief.sections(names), 1):
        parts.append(f"{chinese_number(i)}、{name}")
        for j, entry in enumerate(entries, 1):
            lines = (f"{j}. {entry.title.text}", _body(brief, entry), source_line(entry))
            parts.append("\n".join((*lines, *_notes(brief, entry))))
    if rows := _rows(brief):
        parts.append("\n".join((ANNEX_ROWS, *("\t".join(row) for row in rows))))
    if brief.sources:
        parts.append("\n".join((ANNEX_SOURCES, *_sources(brief))))
    return "\n\n".join(parts) + "\n"


def to_html(brief: Brief, names: Mapping[str, str]) -> str:
    """Return the brief as an HTML page whose quotations carry their places in `data-yw`."""
    parts = [f"<h1>{escape(brief.title)}</h1>", f"<p>{escape(heading_of(brief))}</p>"]
    for i, (name, entries) in enumerate(brief.sections(names), 1):
        parts.append(f"<h2>{chinese_number(i)}、{escape(name)}</h2>")
        for j, entry in enumerate(entries, 1):
            body = "".join(_html_line(brief, line) for line in entry.lines)
            parts += [
                f"<h3>{j}. {_html_quotes(entry.title)}</h3>", f"<p class='yw'>{body}</p>",
                f"<p>{escape(source_line(entry))}</p>",
            ]  # fmt: skip
            more = "".join(_html_line(brief, line) for line in entry.more)
            parts += [f"<p class='yw'>{MORE}{more}</p>"] if more else []
            parts += [f"<p>{escape(text)}</p>" for text in _differing(brief, entry)]
    if rows := _rows(brief):
        lines = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
        table = "".join(f"<tr>{line}</tr>" for line in lines)
        parts += [f"<h2>{ANNEX_ROWS}</h2>", f"<table>{table}</table>"]
    if brief.sources:
        items = "".join(f"<li>{escape(source)}</li>" for source in _sources(brief))
        parts += [f"<h2>{ANNEX_SOURCES}</h2>", f"<ul>{items}</ul>"]
    head = f"<meta charset='utf-8'><title>{escape(brief.title)}</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang='zh-CN'><head>{head}</head><body>{''.join(parts)}</body>\n"


def _mark(text: str) -> str:
    return text.translate(_MARKDOWN_SIGNS)


def _body(brief: Brief, entry: Entry) -> str:
    return "".join(line.text + _reference(brief, line) for line in entry.lines)


def _reference(brief: Brief, line: Line) -> str:
    if line.is_manual:
        return MANUAL_MARK
    return f"〔{brief.number_of(line.places[0].article)}〕"


def _notes(brief: Brief, entry: Entry) -> list[str]:
    """Return what other reports add, and which figures they give differently."""
    more = "".join(line.text + _reference(brief, line) for line in entry.more)
    return [*([MORE + more] if more else []), *_differing(brief, entry)]


def _differing(brief: Brief, entry: Entry) -> list[str]:
    return [
        f"数字不一，请核对：{d.one.text}{_reference(brief, d.one)}，"
        f"另一篇为 {d.other.text}{_reference(brief, d.other)}。"
        for d in entry.differing
    ]


def _rows(brief: Brief) -> list[tuple[str, ...]]:
    rows = [
        (str(i), row.indicator, row.body, row.text, row.kind, str(row.year or ""),
         f"〔{brief.number_of(row.place.article)}〕")
        for i, entry in enumerate(brief.entries, 1) for row in entry.rows
    ]  # fmt: skip
    return [("条", "指标", "主体", "数字", "类别", "年份", "出处"), *rows] if rows else []


def _sources(brief: Brief) -> list[str]:
    return [
        f"〔{i}〕"
        + "，".join(
            p for p in (f"《{s.title}》", s.source, s.date, s.note, f"编号 {s.article}") if p
        )
        for i, s in enumerate(brief.sources, 1)
    ]


def _html_line(brief: Brief, line: Line) -> str:
    return f"{_html_quotes(line)}<sup>{escape(_reference(brief, line))}</sup>"


def _html_quotes(line: Line) -> str:
    if line.is_manual:
        return escape(line.text)
    made, at = "", 0
    for place in line.places:
        size = (place.end - place.start) or len(line.text)
        text = escape(line.text[at : at + size])
        made += f"<span data-yw='{place.article}:{place.start}-{place.end}'>{text}</span>"
        at += size
    return made
