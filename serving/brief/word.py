"""A brief as a Word file: in the form of offices, or in a template of the user's own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

from model import InputError
from serving.brief.entries import KINDS, MANUAL_MARK, Brief, Entry, Line, Place
from serving.output.office import (
    BODY_STYLE,
    CELL_STYLE,
    ENTRY_STYLE,
    NOTE_STYLE,
    SECTION_STYLE,
    TITLE_STYLE,
    OfficePage,
    Piece,
)
from serving.output.tables import drop_unwritable

BOOKMARK = "yw_"
MORE = "另据其他报道："
ANNEX_ROWS, ANNEX_SOURCES = "附表：关键数字", "附：来源"
_ROW_HEAD = ("条", "指标", "主体", "数字", "类别", "年份", "出处")
_ROW_WIDTHS = (6, 31, 22, 16, 9, 11, 12)
_CONTENTS_CHARS = 22
_TENS = "十"
_DIGITS = "零一二三四五六七八九"


def write_brief(brief: Brief, names: Mapping[str, str]) -> bytes:
    """Return the brief as a Word file.

    Args:
        brief: the brief.
        names: Chinese name of every theme, by key.
    """
    page, marks = OfficePage(), _Marks()
    page.add(TITLE_STYLE, [Piece(brief.title)])
    page.add(NOTE_STYLE, [Piece(heading_of(brief))])
    sections = brief.sections(names)
    page.add(SECTION_STYLE, [Piece("目　　录")])
    page.add_contents(_contents(sections))
    for i, (name, entries) in enumerate(sections):
        title = [Piece(f"{chinese_number(i + 1)}、{name}")]
        page.add(SECTION_STYLE, title, f"yws{i}", on_new_page=i == 0)
        for j, entry in enumerate(entries):
            _add_entry(page, brief, entry, f"yws{i}e{j}", j + 1, marks)
    _add_annexes(page, brief, marks)
    return page.to_bytes()


def fill_template(brief: Brief, names: Mapping[str, str], template: Path) -> bytes:
    """Return the brief in a user's own Word template.

    The template names 标题, 日期, 说明, 栏目 (each 名称, 条目), 条目 (each 序号, 标题, 正文, 来源,
    补充, 数字), 来源表 (each 序号, 标题, 来源, 日期, 编号); 标题, 正文 and 补充 of an entry, and
    数字 of a row, are runs: `{{r 条.正文 }}`.

    Raises:
        InputError: it is no Word file, or what is in its braces cannot be read.
    """
    from docx.opc.exceptions import PackageNotFoundError
    from docxtpl import DocxTemplate
    from jinja2 import TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    try:
        document = DocxTemplate(str(template))
        environment = SandboxedEnvironment(autoescape=True)
        document.render(_context(brief, names), environment)
    except TemplateError as error:
        raise InputError(f"模板 {template.name} 里的写法读不懂：{error}") from None
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InputError(f"{template} 不是 Word 模板（docx）：{error!s:.80}") from None
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def heading_of(brief: Brief) -> str:
    """Return the line below the title: date or days, kind, how much there is."""
    days = f"{brief.date}（前推 {brief.days} 天）" if brief.days > 1 else brief.date
    n_reports = len(brief.sources)
    return f"{KINDS[brief.kind]}　{days}　共 {len(brief.entries)} 条，据 {n_reports} 篇报道"


def source_line(entry: Entry) -> str:
    """Return the line of an entry's sources, the quoted one first."""
    if not entry.sources:
        return MANUAL_MARK
    main = entry.sources[0]
    line = "，".join(part for part in (main.source or "来源未注明", main.date) if part)
    others = f"；另有 {len(entry.sources) - 1} 篇报道同一事件" if len(entry.sources) > 1 else ""
    return f"（{line}{others}）"


def chinese_number(number: int) -> str:
    """Return a number below 100 as headings have it: 十二."""
    tens, ones = divmod(number, 10)
    head = (_DIGITS[tens] if tens > 1 else "") + _TENS if tens else ""
    return head + (_DIGITS[ones] if ones or not tens else "")


def bookmark_of(place: Place, number: int) -> str:
    """Return the name of the bookmark around a quotation, at most 40 characters."""
    return f"{BOOKMARK}{place.article}_{place.start}_{place.end}_{number}"


class _Marks:
    """Names of bookmarks, each given once."""

    def __init__(self) -> None:
        self._numbers = count()

    def pieces(self, brief: Brief, line: Line, *, with_number: bool = True) -> list[Piece]:
        """Return a line as runs: quotations with their bookmarks, then the annex number."""
        if line.is_manual:
            return [Piece(line.text), Piece(MANUAL_MARK, is_raised=True)]
        if line.places[0].start == line.places[0].end:  # a title that the text lacks
            return [Piece(line.text, self._name(line.places[0]))]
        made, at = [], 0
        for place in line.places:
            size = place.end - place.start
            made.append(Piece(line.text[at : at + size], self._name(place)))
            at += size
        if with_number:
            made.append(Piece(f"〔{brief.number_of(line.places[0].article)}〕", is_raised=True))
        return made

    def _name(self, place: Place) -> str:
        return bookmark_of(place, next(self._numbers))


def _contents(sections: list[tuple[str, tuple[Entry, ...]]]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for i, (name, entries) in enumerate(sections):
        found.append((f"{chinese_number(i + 1)}、{name}", f"yws{i}"))
        found += [
            (f"　{j + 1}. {e.title.text[:_CONTENTS_CHARS]}", f"yws{i}e{j}")
            for j, e in enumerate(entries)
        ]
    return found


def _add_entry(
    page: OfficePage, brief: Brief, entry: Entry, anchor: str, number: int, marks: _Marks
) -> None:
    title = [Piece(f"{number}. "), *marks.pieces(brief, entry.title, with_number=False)]
    page.add(ENTRY_STYLE, title, anchor)
    page.add(BODY_STYLE, [piece for line in entry.lines for piece in marks.pieces(brief, line)])
    page.add(NOTE_STYLE, [Piece(source_line(entry))])
    if entry.more:
        more = [piece for line in entry.more for piece in marks.pieces(brief, line)]
        page.add(NOTE_STYLE, [Piece(MORE), *more])
    for differing in entry.differing:
        one, other = (marks.pieces(brief, line) for line in (differing.one, differing.other))
        page.add(
            NOTE_STYLE,
            [Piece("数字不一，请核对："), *one, Piece("，另一篇为 "), *other, Piece("。")],
        )


def _add_annexes(page: OfficePage, brief: Brief, marks: _Marks) -> None:
    rows = [(i, row) for i, entry in enumerate(brief.entries, 1) for row in entry.rows]
    if rows:
        page.add(SECTION_STYLE, [Piece(ANNEX_ROWS)], on_new_page=True)
        cells = [
            [
                Piece(str(i)), Piece(row.indicator), Piece(row.body),
                marks.pieces(brief, Line(row.text, (row.place,)))[0], Piece(row.kind),
                Piece(str(row.year or "")), Piece(f"〔{brief.number_of(row.place.article)}〕"),
            ]
            for i, row in rows
        ]  # fmt: skip
        page.add_table(_ROW_HEAD, cells, _ROW_WIDTHS)
    if brief.sources:
        page.add(SECTION_STYLE, [Piece(ANNEX_SOURCES)], on_new_page=not rows)
        for i, source in enumerate(brief.sources, 1):
            facts = (source.source, source.date, source.note, f"编号 {source.article}")
            line = "，".join(part for part in (f"《{source.title}》", *facts) if part)
            page.add(CELL_STYLE, [Piece(f"〔{i}〕{line}")])


def _context(brief: Brief, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what a user's template may name."""
    marks = _Marks()
    made = {entry.key: _entry_context(brief, entry, marks) for entry in brief.entries}
    for i, entry in enumerate(brief.entries, 1):
        made[entry.key]["序号"] = i
    return {
        "标题": brief.title, "日期": brief.date, "说明": heading_of(brief),
        "条目": [made[entry.key] for entry in brief.entries],
        "栏目": [
            {"名称": name, "条目": [made[entry.key] for entry in entries]}
            for name, entries in brief.sections(names)
        ],
        "来源表": [
            {"序号": i, "标题": s.title, "来源": s.source, "日期": s.date, "编号": s.article}
            for i, s in enumerate(brief.sources, 1)
        ],
    }  # fmt: skip


def _entry_context(brief: Brief, entry: Entry, marks: _Marks) -> dict[str, Any]:
    body = [piece for line in entry.lines for piece in marks.pieces(brief, line)]
    return {
        "标题": _rich(marks.pieces(brief, entry.title, with_number=False)),
        "正文": _rich(body),
        "来源": source_line(entry),
        "补充": _rich([piece for line in entry.more for piece in marks.pieces(brief, line)]),
        "数字": [
            {"指标": row.indicator, "主体": row.body, "年份": row.year or "", "类别": row.kind,
             "数字": _rich(marks.pieces(brief, Line(row.text, (row.place,)))[:1])}
            for row in entry.rows
        ],
    }  # fmt: skip


def _rich(pieces: list[Piece]) -> Any:
    """Return runs with their bookmarks as `{{r …}}` takes them; the template gives the font."""
    from docxtpl import RichText

    rich, xml = RichText(), ""
    for piece in pieces:
        raised = '<w:vertAlign w:val="superscript"/>' if piece.is_raised else ""
        text = escape(drop_unwritable(piece.text))
        run = (
            f'<w:r><w:rPr><w:rFonts w:hint="eastAsia"/>{raised}</w:rPr>'
            f'<w:t xml:space="preserve">{text}</w:t></w:r>'
        )
        if piece.bookmark:
            number = int(piece.bookmark.rsplit("_", 1)[1]) + _TEMPLATE_IDS
            start = f'<w:bookmarkStart w:id="{number}" w:name="{piece.bookmark}"/>'
            run = f'{start}{run}<w:bookmarkEnd w:id="{number}"/>'
        xml += run
    rich.xml = xml
    return rich


_TEMPLATE_IDS = 10_000  # above the bookmarks that a template has of its own
