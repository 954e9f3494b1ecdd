"""A report for the clipboard: lines and a table, which the page also turns into HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model import Report
from serving.output.tables import (
    FIGURE_COLUMNS,
    NO_SUMMARY_CELL,
    figure_row,
    make_inert,
    table_figures,
)

_COLUMNS = FIGURE_COLUMNS[:-1]
_BREAKS = str.maketrans("\t\r\n", "   ")


@dataclass(frozen=True)
class Copy:
    """Lines and, below them, the rows of a table with its head."""

    lines: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        """The content as plain text, the cells of a row with tabs between them."""
        table = ["\t".join(cell.translate(_BREAKS) for cell in row) for row in self.rows]
        return "\n".join([*self.lines, "", *table] if self.lines else table)


def copy_all(report: Report, names: Mapping[str, str], place: str = "") -> Copy:
    """Return title, date, source and place, themes, summary and figures."""
    article = report.article
    lines = (
        article.title,
        "　".join(part for part in (article.date, article.source, place) if part),
        f"主题：{name_themes(report, names)}",
        f"摘要：{report.summary.text or NO_SUMMARY_CELL}",
    )
    return Copy(tuple(line for line in lines if line), copy_figures(report).rows)


def copy_figures(report: Report) -> Copy:
    """Return the figure table; no cell of it is a formula where it is pasted."""
    rows = (tuple(str(make_inert(cell)) for cell in row) for row in figure_rows(report))
    return Copy((), tuple(rows))


def figure_rows(report: Report) -> Sequence[Sequence[str]]:
    """Return the figure table as text with its head, without the sentences."""
    rows = [figure_row(figure) for figure in table_figures(report.to_dict()["figures"])]
    return [list(_COLUMNS), *([_cell(row[column]) for column in _COLUMNS] for row in rows)]


def name_themes(report: Report, names: Mapping[str, str]) -> str:
    """Return the themes in one line: `医共体（主要）、人才（待复核）`."""
    parts = []
    for theme in report.themes:
        marks = ["主要"] * (theme.theme == report.primary)
        marks += ["待复核"] * (theme.theme in report.review)
        parts.append(theme.name + (f"（{'，'.join(marks)}）" if marks else ""))
    unsure = [names[key] for key in report.review if key not in {t.theme for t in report.themes}]
    text = "、".join(parts) or "无"
    return text + (f"；待复核：{'、'.join(unsure)}" if unsure else "")


def _cell(cell: object) -> str:
    return "" if cell is None else str(cell)
