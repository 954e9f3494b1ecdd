"""What a report is on the clipboard: text with tabs, and HTML that Word pastes as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from model import Report
from serving.output.tables import FIGURE_COLUMNS, figure_row, make_inert, table_figures

_COLUMNS = FIGURE_COLUMNS[:-1]
_BREAKS = str.maketrans("\t\r\n", "   ")


@dataclass(frozen=True)
class Copy:
    """The same content twice; a program takes the one that it can read."""

    text: str
    html: str


def copy_all(report: Report, names: Mapping[str, str]) -> Copy:
    """Return title, themes, summary and figures."""
    article = report.article
    lines = [
        line
        for line in (
            article.title,
            "　".join(part for part in (article.date, article.source) if part),
            f"主题：{name_themes(report, names)}",
            f"摘要：{report.summary.text}",
        )
        if line
    ]
    table = copy_figures(report)
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return Copy("\n".join([*lines, "", table.text]), paragraphs + table.html)


def copy_figures(report: Report) -> Copy:
    """Return the figure table; no cell of it is a formula where it is pasted."""
    rows = [[str(make_inert(cell)) for cell in row] for row in figure_rows(report)]
    text = "\n".join("\t".join(cell.translate(_BREAKS) for cell in row) for row in rows)
    cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    return Copy(
        text, "<table border='1'>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"
    )


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
