"""Tables: a report as rows that people file in a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from model import Figure

KINDS = {"level": "现值", "change": "变化", "target": "目标", "from": "原值"}
FIGURE_COLUMNS = ("指标", "数值", "单位", "原文", "类别", "界限", "年份", "所在句")
_FIGURE_KEYS = ("indicator", "unit", "text", "kind", "bound", "year", "sentence")
_RISKY = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | float | None


def article_row(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Cell]:
    """Return one row for an article.

    Args:
        record: a report as it is written in JSON, or `id`, `source` and `error`.
        names: Chinese name of every theme, by key.
    """
    if "error" in record:
        return {"编号": record["id"], "来源": record["source"], "错误": record["error"]}
    row: dict[str, Cell] = {
        "编号": record["id"],
        "标题": record["title"],
        "日期": record["date"],
        "来源": record["source"],
        "主题": "、".join(theme["name"] for theme in record["themes"]),
        "主要主题": names.get(record["primary"] or "", ""),
        "待复核": "、".join(names[key] for key in record["review"]),
        "摘要": record["summary"]["text"],
        "数字条数": len(record["figures"]),
    }
    row |= {f"{names[key]}得分": score for key, score in record["scores"].items()}
    row |= {"提示": "；".join(record["warnings"]), "模型": record["model"]}
    return row | {"同题": record["cluster"]} if "cluster" in record else row


def figure_row(figure: Figure) -> dict[str, Cell]:
    """Return one row for a key figure, with the columns of `FIGURE_COLUMNS`."""
    row = {key: getattr(figure, key) for key in _FIGURE_KEYS}
    return recorded_figure_row(row | {"value": figure.shown_value})


def recorded_figure_row(figure: Mapping[str, Any]) -> dict[str, Cell]:
    """Return the same row for a figure as it is written in JSON."""
    value = figure["value"]
    cells: tuple[Cell, ...] = (
        figure["indicator"],
        "–".join(map(str, value)) if isinstance(value, list) else value,
        figure["unit"],
        figure["text"],
        KINDS[figure["kind"]],
        figure["bound"],
        figure["year"],
        figure["sentence"],
    )
    return dict(zip(FIGURE_COLUMNS, cells, strict=True))


def make_inert(cell: Cell) -> Cell:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    if isinstance(cell, str) and cell.startswith(_RISKY):
        return "'" + cell
    return cell
