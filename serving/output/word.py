"""A report as a Word page that can be filed: A4, 仿宋 and 黑体, tables that no office collapses."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from model import Report
from serving.output.clipboard import figure_rows, name_themes
from serving.output.tables import MIN_POINTS, NO_SUMMARY_CELL, drop_unwritable

if TYPE_CHECKING:
    from docx.document import Document

_FONT, _HEADING_FONT, _LATIN = "仿宋", "黑体", "Times New Roman"
_BODY_PT, _TABLE_PT, _TITLE_PT, _SECTION_PT, _FOOTER_PT = 12, 9, 18, 14, 9
_LINE_SPACING = 1.5
_A4_CM, _MARGIN_CM = (21.0, 29.7), 2.2
# Of the columns of `figure_rows`; together the page without its margins.
_WIDTHS_CM = (2.9, 2.3, 1.8, 1.0, 1.9, 1.0, 0.75, 1.25, 1.5, 2.2)
_HEAD_FILL = "E7F0FA"
_CELL_MARGIN_TWIPS, _CELL_SPACE_PT = 70, 2


def write_docx(report: Report, names: Mapping[str, str], place: str = "") -> bytes:
    """Return the page: title, date, source, themes, summary, points, figures, evidence.

    Args:
        report: the report.
        names: Chinese name of every theme, by key.
        place: the place that it is about; empty where unknown.
    """
    from docx import Document

    page = Document()
    _set_up(page)
    article = report.article
    _add_heading(page, article.title or "（无标题）", 1)
    facts = (
        ("日期", article.date), ("来源", article.source), ("地区", place),
        ("主题", name_themes(report, names)),
    )  # fmt: skip
    for label, value in facts:
        if value:
            _add_fact(page, label, value)
    _add_heading(page, "摘要", 2)
    _add_paragraph(page, report.summary.text or NO_SUMMARY_CELL, indents=True)
    _add_points(page, report)
    _add_figures(page, report)
    _add_evidence(page, report)
    for warning in report.warnings:
        _add_paragraph(page, f"提示：{warning}")
    _add_footer(page, report)
    stream = io.BytesIO()
    page.save(stream)
    return stream.getvalue()


def _add_heading(page: Document, text: str, level: int) -> None:
    heading = page.add_heading(level=level)
    size_pt = _TITLE_PT if level == 1 else _SECTION_PT
    _add_run(heading, text, _HEADING_FONT, size_pt)


def _add_paragraph(
    page: Document, text: str, style: str | None = None, *, indents: bool = False
) -> None:
    from docx.shared import Pt

    paragraph = page.add_paragraph(style=style)
    if indents:
        paragraph.paragraph_format.first_line_indent = Pt(2 * _BODY_PT)
    _add_run(paragraph, text)


def _add_fact(page: Document, label: str, value: str) -> None:
    line = page.add_paragraph()
    line.paragraph_format.space_after = 0
    _add_run(line, f"{label}：", _HEADING_FONT)
    _add_run(line, value)


def _add_run(paragraph: Any, text: str, font: str = _FONT, size_pt: float = _BODY_PT) -> None:
    """Add text with its fonts; quotes and dashes between two scripts are set as Chinese."""
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run = paragraph.add_run(drop_unwritable(text))
    run.font.name = _LATIN
    run.font.size = Pt(size_pt)
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")


def _add_points(page: Document, report: Report) -> None:
    """The main facts, a line each, with the headings that they stand under."""
    points = report.summary.points
    if len(points) < MIN_POINTS:
        return
    _add_heading(page, "要点", 2)
    heading = None
    for point in points:
        if point.heading and point.heading != heading:
            _add_paragraph(page, point.heading)
        heading = point.heading
        _add_paragraph(page, point.text, "List Bullet")


def _add_figures(page: Document, report: Report) -> None:
    head, *rows = figure_rows(report)
    _add_heading(page, f"关键数字（{len(rows)}）", 2)
    if not rows:
        _add_paragraph(page, "没有找到关键数字。")
        return
    table = page.add_table(rows=0, cols=len(head), style="Table Grid")
    for i, row in enumerate([head, *rows]):
        _add_row(table, row, is_head=i == 0)
    _fix_widths(table)


def _add_row(table: Any, texts: Any, *, is_head: bool) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    row = table.add_row()
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if is_head:
        properties.append(OxmlElement("w:tblHeader"))
    for cell, text in zip(row.cells, texts, strict=True):
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_before = Pt(_CELL_SPACE_PT)
        paragraph.paragraph_format.space_after = Pt(_CELL_SPACE_PT)
        paragraph.paragraph_format.line_spacing = 1
        _add_run(paragraph, text, _HEADING_FONT if is_head else _FONT, _TABLE_PT)
        if is_head:
            shade = OxmlElement("w:shd")
            shade.set(qn("w:val"), "clear")
            shade.set(qn("w:fill"), _HEAD_FILL)
            cell._tc.get_or_add_tcPr().append(shade)


def _fix_widths(table: Any) -> None:
    """Give columns and cells their widths: WPS goes by the grid, Word by the cells."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm

    table.autofit = False
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(_CELL_MARGIN_TWIPS))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)
    for column, width_cm in zip(table.columns, _WIDTHS_CM, strict=True):
        column.width = Cm(width_cm)
    for row in table.rows:
        for cell, width_cm in zip(row.cells, _WIDTHS_CM, strict=True):
            cell.width = Cm(width_cm)


def _add_evidence(page: Document, report: Report) -> None:
    for theme in report.themes:
        _add_heading(page, f"{theme.name}的依据", 2)
        for span in theme.evidence:
            _add_paragraph(page, span.of(report.article.text), "List Bullet")


def _add_footer(page: Document, report: Report) -> None:
    footer = page.sections[0].footer.paragraphs[0]
    _add_run(footer, f"医闻摘录，语句与数字取自原文；模型 {report.model}", size_pt=_FOOTER_PT)


def _set_up(page: Document) -> None:
    """A4, and fonts that every Word in Chinese has."""
    from docx.shared import Cm, Pt

    section = page.sections[0]
    section.page_width, section.page_height = map(Cm, _A4_CM)
    section.left_margin = section.right_margin = Cm(_MARGIN_CM)
    for name, font, size_pt in (
        ("Normal", _FONT, _BODY_PT),
        ("List Bullet", _FONT, _BODY_PT),
        ("Heading 1", _HEADING_FONT, _TITLE_PT),
        ("Heading 2", _HEADING_FONT, _SECTION_PT),
    ):
        _set_font(page.styles[name], font, size_pt)
    page.styles["Normal"].paragraph_format.line_spacing = _LINE_SPACING
    page.styles["Normal"].paragraph_format.space_after = Pt(0)


def _set_font(style: Any, font: str, size_pt: int) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name = _LATIN
    style.font.size = Pt(size_pt)
    style.font.bold = False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)
