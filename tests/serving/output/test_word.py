"""The Word page: Chinese fonts on every run, a table whose widths no office has to guess."""

from __future__ import annotations

import io
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Cm

from model import Analyzer, Article
from serving.output.word import write_docx
from tests.conftest import ARTICLE

PAGE_CM = 21.0 - 2 * 2.2


@pytest.fixture(scope="module")
def page(analyzer: Analyzer) -> Any:
    report = analyzer.analyze(Article.from_raw(ARTICLE))
    return Document(io.BytesIO(write_docx(report, analyzer.manifest.theme_names, "云岭县")))


def test_every_run_names_its_chinese_font(page: Any) -> None:
    paragraphs = [*page.paragraphs, *page.sections[0].footer.paragraphs]
    cells = [cell for table in page.tables for row in table.rows for cell in row.cells]
    paragraphs += [paragraph for cell in cells for paragraph in cell.paragraphs]
    runs = [run for paragraph in paragraphs for run in paragraph.runs]
    assert len(runs) > 30
    fonts = [run._r.rPr.rFonts for run in runs]
    assert {font.get(qn("w:eastAsia")) for font in fonts} == {"仿宋", "黑体"}
    assert {font.get(qn("w:hint")) for font in fonts} == {"eastAsia"}


def test_the_table_has_widths_in_its_grid_and_its_cells(page: Any) -> None:
    (table,) = page.tables
    grid = [int(column.get(qn("w:w"))) for column in table._tbl.tblGrid.gridCol_lst]
    assert sum(grid) == pytest.approx(Cm(PAGE_CM).twips, abs=20)
    assert len(set(grid)) > 3
    for row in table.rows:
        assert [cell.width.twips for cell in row.cells] == pytest.approx(grid, abs=1)
    assert table.rows[0]._tr.trPr.findall(qn("w:tblHeader"))


def test_the_place_is_above_the_summary(page: Any) -> None:
    assert "地区：云岭县" in [paragraph.text for paragraph in page.paragraphs[:5]]
