"""A report as a Word page that can be filed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from model import Report
from serving.output.clipboard import figure_rows, name_themes
from serving.output.tables import drop_unwritable

if TYPE_CHECKING:
    from docx.document import Document

_FONT, _LATIN = "宋体", "Times New Roman"
_HEADING_FONT = "黑体"
_BODY_PT, _TABLE_PT, _TITLE_PT, _SECTION_PT = 11, 9, 16, 12
_A4_CM, _MARGIN_CM = (21.0, 29.7), 2.2


def write_docx(report: Report, names: Mapping[str, str], place: str = "") -> bytes:
    """Return the page: title, date, source, themes, summary, figures, evidence.

    Args:
        report: the report.
        names: Chinese name of every theme, by key.
        place: the place that it is about; empty where unknown.
    """
    from docx import Document

    page = Document()
    _set_up(page)
    article = report.article
    page.add_heading(drop_unwritable(article.title or "（无标题）"), level=1)
    facts = (
        ("日期", article.date), ("来源", article.source), ("地区", place),
        ("主题", name_themes(report, names)),
    )  # fmt: skip
    for label, value in facts:
        if value:
            _add_fact(page, label, value)
    page.add_heading("摘要", level=2)
    page.add_paragraph(drop_unwritable(report.summary.text))
    _add_figures(page, report)
    _add_evidence(page, report)
    for warning in report.warnings:
        page.add_paragraph(drop_unwritable(f"提示：{warning}"))
    _add_footer(page, report)
    stream = io.BytesIO()
    page.save(stream)
    return stream.getvalue()


def _add_fact(page: Document, label: str, value: str) -> None:
    line = page.add_paragraph()
    line.add_run(f"{label}：").bold = True
    line.add_run(drop_unwritable(value))


def _add_figures(page: Document, report: Report) -> None:
    from docx.shared import Pt

    head, *rows = figure_rows(report)
    page.add_heading(f"关键数字（{len(rows)}）", level=2)
    if not rows:
        page.add_paragraph("没有找到关键数字。")
        return
    table = page.add_table(rows=0, cols=len(head), style="Table Grid")
    for i, row in enumerate([head, *rows]):
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            run = cell.paragraphs[0].add_run(drop_unwritable(text))
            run.font.size = Pt(_TABLE_PT)
            run.bold = i == 0
    _repeat_head(table)


def _add_evidence(page: Document, report: Report) -> None:
    for theme in report.themes:
        page.add_heading(f"{theme.name}的依据", level=2)
        for span in theme.evidence:
            text = span.of(report.article.text)
            page.add_paragraph(drop_unwritable(text), style="List Bullet")


def _add_footer(page: Document, report: Report) -> None:
    footer = page.sections[0].footer.paragraphs[0]
    footer.text = f"医闻摘录，语句与数字取自原文；模型 {report.model}"


def _set_up(page: Document) -> None:
    """A4, and fonts that every Word in Chinese has."""
    from docx.shared import Cm

    section = page.sections[0]
    section.page_width, section.page_height = map(Cm, _A4_CM)
    section.left_margin = section.right_margin = Cm(_MARGIN_CM)
    for name, font, size_pt in (
        ("Normal", _FONT, _BODY_PT),
        ("Heading 1", _HEADING_FONT, _TITLE_PT),
        ("Heading 2", _HEADING_FONT, _SECTION_PT),
    ):
        _set_font(page.styles[name], font, size_pt)


def _set_font(style: Any, font: str, size_pt: int) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name = _LATIN
    style.font.size = Pt(size_pt)
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.rPr.rFonts
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)


def _repeat_head(table: Any) -> None:
    from docx.oxml import OxmlElement

    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
