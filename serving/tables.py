"""Tables: a report as rows that people file in a spreadsheet."""

from __future__ import annotations

from model import Figure, Report

KINDS = {"level": "现值", "change": "变化", "target": "目标", "from": "原值"}
FIGURE_COLUMNS = ("指标", "数值", "单位", "原文", "类别", "界限", "年份", "所在句")
_RISKY = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | float | None


def article_row(report: Report, names: dict[str, str]) -> dict[str, Cell]:
    """Return one row for an article.

    Args:
        report: what was found.
        names: Chinese name of every theme, by key.
    """
    article = report.article
    row: dict[str, Cell] = {
        "编号": article.id,
        "标题": article.title,
        "日期": article.date,
        "来源": article.source,
        "主题": "、".join(theme.name for theme in report.themes),
        "主要主题": names.get(report.primary or "", ""),
        "待复核": "、".join(names[key] for key in report.review),
        "摘要": report.summary.text,
        "数字条数": len(report.figures),
    }
    row |= {f"{names[key]}得分": round(score, 4) for key, score in report.scores.items()}
    return row | {"提示": "；".join(report.warnings), "模型": report.model}


def figure_row(figure: Figure) -> dict[str, Cell]:
    """Return one row for a key figure, with the columns of `FIGURE_COLUMNS`."""
    value = figure.shown_value
    cells: tuple[Cell, ...] = (
        figure.indicator,
        "–".join(map(str, value)) if isinstance(value, list) else value,
        figure.unit,
        figure.text,
        KINDS[figure.kind],
        figure.bound,
        figure.year,
        figure.sentence,
    )
    return dict(zip(FIGURE_COLUMNS, cells, strict=True))


def make_inert(cell: Cell) -> Cell:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    if isinstance(cell, str) and cell.startswith(_RISKY):
        return "'" + cell
    return cell
