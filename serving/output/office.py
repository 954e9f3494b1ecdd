"""A Word document in the form of offices (GB/T 9704): paper, fonts, headings, page numbers.

Every run names its East Asian font, with a hint that quotes and dashes are Chinese; fonts that a
machine may lack have alternatives in the document's table of fonts. What is quoted lies between a
bookmark's ends.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from serving.output.tables import drop_unwritable

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

TITLE_FONT, BODY_FONT = "方正小标宋简体", "仿宋_GB2312"
HEADING_FONT, SUBHEADING_FONT, TABLE_FONT = "黑体", "楷体_GB2312", "宋体"
# What takes the place of a font that a machine lacks.
_ALTERNATIVES = {
    TITLE_FONT: "华文中宋;宋体;SimSun",
    BODY_FONT: "仿宋;FangSong;华文仿宋",
    SUBHEADING_FONT: "楷体;KaiTi;华文楷体",
}
_LATIN = "Times New Roman"
_A4_MM = (210, 297)
_MARGINS_MM = {"top": 37, "left": 28, "right": 26, "bottom": 35}
_FOOTER_MM = 28
TITLE_PT, BODY_PT, TABLE_PT, PAGE_PT = 22.0, 16.0, 10.5, 14.0
_LINE_PT = 28.0
_INDENT_CHARS = 200  # hundredths of a character
_TEXT_WIDTH_MM = _A4_MM[0] - _MARGINS_MM["left"] - _MARGINS_MM["right"]
BODY_STYLE, TITLE_STYLE, SECTION_STYLE = "医闻正文", "医闻标题", "医闻一级标题"
ENTRY_STYLE, NOTE_STYLE, CELL_STYLE, TOC_STYLE = (
    "医闻条目标题", "医闻出处", "医闻表格", "医闻目录"
)  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """A run of text; with a bookmark it is a quotation, `mark` runs stand raised."""

    text: str
    bookmark: str = ""
    is_raised: bool = False


class OfficePage:
    """A document under construction, from its heading down."""

    def __init__(self) -> None:
        import docx

        self._document: Document = docx.Document()
        self._ids = count(1)
        _set_paper(self._document)
        _set_fonts(self._document)
        _add_styles(self._document)
        _add_page_numbers(self._document)

    def add(
        self, style: str, pieces: Sequence[Piece], anchor: str = "", *, on_new_page: bool = False
    ) -> None:
        """Add a paragraph; `anchor` is a bookmark around it that a table of contents names."""
        paragraph = self._document.add_paragraph(style=style)
        paragraph.paragraph_format.page_break_before = on_new_page
        start = self._open(paragraph, anchor) if anchor else None
        self._fill(paragraph, pieces, _STYLE_FONTS[style])
        if start is not None:
            _close(paragraph, start)

    def add_contents(self, entries: Sequence[tuple[str, str]]) -> None:
        """Add a table of contents: titles with the page of their anchors."""
        for title, anchor in entries:
            paragraph = self._document.add_paragraph(style=TOC_STYLE)
            self._fill(paragraph, [Piece(f"{title}\t")], BODY_FONT)
            _add_field(paragraph, f"PAGEREF {anchor} \\h", BODY_FONT, PAGE_PT)

    def add_table(
        self, head: Sequence[str], rows: Sequence[Sequence[Piece]], widths: Sequence[float]
    ) -> None:
        """Add a table whose head repeats on every page.

        Args:
            head: the names of the columns.
            rows: a piece for each cell.
            widths: shares of the width of the text.
        """
        from docx.shared import Mm

        table = self._document.add_table(rows=0, cols=len(head), style="Table Grid")
        table.autofit = False
        millimetres = [Mm(share / sum(widths) * _TEXT_WIDTH_MM) for share in widths]
        for column, width in zip(table.columns, millimetres, strict=True):
            column.width = width
        for row in ([Piece(name) for name in head], *rows):
            cells = table.add_row().cells
            for cell, piece, width in zip(cells, row, millimetres, strict=True):
                cell.width = width
                paragraph = cell.paragraphs[0]
                paragraph.style = self._document.styles[CELL_STYLE]
                self._fill(paragraph, [piece], TABLE_FONT)
        _repeat_head(table)

    def to_bytes(self) -> bytes:
        """Return the document as a file."""
        stream = io.BytesIO()
        self._document.save(stream)
        return stream.getvalue()

    def _fill(self, paragraph: Paragraph, pieces: Sequence[Piece], font: str) -> None:
        for piece in pieces:
            start = self._open(paragraph, piece.bookmark) if piece.bookmark else None
            run = paragraph.add_run(drop_unwritable(piece.text))
            run.font.superscript = piece.is_raised or None
            set_run_font(run, font)
            if start is not None:
                _close(paragraph, start)

    def _open(self, paragraph: Paragraph, name: str) -> str:
        number = str(next(self._ids))
        paragraph._p.append(_element("bookmarkStart", id=number, name=name))
        return number


def set_run_font(run: Any, font: str) -> None:
    """Name the East Asian font of a run, and have its quotes and dashes take it."""
    from docx.oxml.ns import qn

    run.font.name = _LATIN
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")


_STYLE_FONTS = {
    TITLE_STYLE: TITLE_FONT, BODY_STYLE: BODY_FONT, SECTION_STYLE: HEADING_FONT,
    ENTRY_STYLE: SUBHEADING_FONT, NOTE_STYLE: BODY_FONT, CELL_STYLE: TABLE_FONT,
    TOC_STYLE: BODY_FONT,
}  # fmt: skip
# Size, alignment, first line indented, space before and after in points, of each style.
_STYLE_FORMS: dict[str, tuple[float, str, bool, float, float]] = {
    TITLE_STYLE: (TITLE_PT, "CENTER", False, 0, 14),
    BODY_STYLE: (BODY_PT, "JUSTIFY", True, 0, 0),
    SECTION_STYLE: (BODY_PT, "LEFT", True, 6, 0),
    ENTRY_STYLE: (BODY_PT, "LEFT", True, 0, 0),
    NOTE_STYLE: (BODY_PT - 2, "LEFT", True, 0, 4),
    CELL_STYLE: (TABLE_PT, "LEFT", False, 0, 0),
    TOC_STYLE: (PAGE_PT, "LEFT", False, 0, 0),
}
_OUTLINE_LEVELS = {SECTION_STYLE: 0, ENTRY_STYLE: 1}


def _element(name: str, /, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _close(paragraph: Paragraph, number: str) -> None:
    paragraph._p.append(_element("bookmarkEnd", id=number))


def _set_paper(document: Document) -> None:
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = map(Mm, _A4_MM)
    for side, size in _MARGINS_MM.items():
        setattr(section, f"{side}_margin", Mm(size))
    section.footer_distance = Mm(_FOOTER_MM)


def _set_fonts(document: Document) -> None:
    """Give the document alternatives of fonts that a machine may lack."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    part = next(
        rel.target_part
        for rel in document.part.rels.values()
        if rel.reltype == RELATIONSHIP_TYPE.FONT_TABLE
    )
    table = parse_xml(part.blob)
    for name, others in _ALTERNATIVES.items():
        font = parse_xml(
            f'<w:font {nsdecls("w")} w:name="{name}"><w:altName w:val="{others}"/>'
            '<w:charset w:val="86"/><w:family w:val="auto"/></w:font>'
        )
        table.append(font)
    from lxml import etree

    part._blob = etree.tostring(table, xml_declaration=True, encoding="UTF-8", standalone=True)


def _add_styles(document: Document) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    for name, (size, alignment, is_indented, before, after) in _STYLE_FORMS.items():
        style: Any = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.font.name, style.font.size = _LATIN, Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.element.rPr.rFonts.set(qn("w:eastAsia"), _STYLE_FONTS[name])
        form = style.paragraph_format
        form.alignment = getattr(WD_ALIGN_PARAGRAPH, alignment)
        form.space_before, form.space_after = Pt(before), Pt(after)
        if name != CELL_STYLE:
            form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(_LINE_PT)
        properties = style.element.get_or_add_pPr()
        if is_indented:
            form.first_line_indent = Pt(size * _INDENT_CHARS / 100)
            properties.ind.set(qn("w:firstLineChars"), str(_INDENT_CHARS))
        if name in _OUTLINE_LEVELS:
            form.keep_with_next = True
            properties.append(_element("outlineLvl", val=str(_OUTLINE_LEVELS[name])))
    _add_tab(document.styles[TOC_STYLE])


def _add_tab(style: Any) -> None:
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.shared import Mm

    stops = style.paragraph_format.tab_stops
    stops.add_tab_stop(Mm(_TEXT_WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def _add_page_numbers(document: Document) -> None:
    """Put `— 1 —` at the outer foot of each page: right on odd ones, left on even ones."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    sides = ((section.footer, "RIGHT"), (section.even_page_footer, "LEFT"))
    for footer, side in sides:
        paragraph = footer.paragraphs[0]
        paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, side)
        for text in ("— ", None, " —"):
            if text is None:
                _add_field(paragraph, "PAGE", TABLE_FONT, PAGE_PT)
                continue
            run = paragraph.add_run(text)
            set_run_font(run, TABLE_FONT)
            _set_size(run, PAGE_PT)


def _add_field(paragraph: Paragraph, code: str, font: str, size_pt: float) -> None:
    """Add a field; it is marked as out of date, so that Word computes it on opening."""
    for kind in ("begin", "code", "separate", "shown", "end"):
        run = paragraph.add_run("1" if kind == "shown" else "")
        set_run_font(run, font)
        _set_size(run, size_pt)
        if kind == "code":
            instruction = _element("instrText")
            instruction.text = f" {code} "
            run._r.append(instruction)
        elif kind == "begin":
            run._r.append(_element("fldChar", fldCharType=kind, dirty="true"))
        elif kind != "shown":
            run._r.append(_element("fldChar", fldCharType=kind))


def _set_size(run: Any, size_pt: float) -> None:
    from docx.shared import Pt

    run.font.size = Pt(size_pt)


def _repeat_head(table: Any) -> None:
    table.rows[0]._tr.get_or_add_trPr().append(_element("tblHeader"))
