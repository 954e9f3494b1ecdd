"""Tables: a report as rows that people file in a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

KINDS = {"level": "现值", "change": "变化", "target": "目标", "from": "原值"}
# Behind a number that was read off a scan with little confidence.
DOUBTFUL_MARK = "（待核）"
FIGURE_COLUMNS = (
    "指标", "主体", "数值", "单位", "原文", "类别", "界限", "年份", "比较基准", "官方指标",
    "所在句",
)  # fmt: skip
THEME_COLUMNS = ("主题", "得分", "依据")
# What a row of a theme or a figure says of its article, so that it can be filed by itself.
ABOUT_COLUMNS = ("标题", "日期", "来源", "地区")
ERROR_COLUMN = "错误"
# In the place of a summary where no sentence of the article may stand by itself.
NO_SUMMARY_CELL = "（未写摘要：原文没有一句能单独成立，请通读原文后摘写）"
MIN_POINTS = 2  # one alone would say the summary again
# Full-width forms too: Excel takes them for formulas where an East Asian input method typed them.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

# What XML cannot hold: controls and half surrogates; and what stands for no character.
_UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
_PLACEHOLDER = "\ufffd"
# Offsets count characters of the text, so that none of these may become shorter.
_COUNTED = frozenset({"text", "themes", "figures", "summary"})

_FACT = ("value", "unit", "kind", "bound", "year")

Cell = str | int | float | None


def article_row(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Cell]:
    """Return one row for an article.

    Args:
        record: a report as it is written in JSON, or `id`, `source` and `error`.
        names: Chinese name of every theme, by key.
    """
    if "error" in record:
        return {"编号": record["id"], "来源": record["source"], ERROR_COLUMN: record["error"]}
    row: dict[str, Cell] = {
        "编号": record["id"],
        "标题": record["title"],
        "日期": record["date"],
        "来源": record["source"],
        "地区": place_name(record),
        "主题": "、".join(theme["name"] for theme in record["themes"]),
        "主要主题": names.get(record["primary"] or "", ""),
        "待复核": "、".join(names[key] for key in record["review"]),
        "摘要": summary_cell(record),
        "要点": points_cell(record),
        "数字条数": len(table_figures(record["figures"])),
    }
    # 0.5 is each theme's own threshold; reports of older releases have the bare probability alone.
    shown = record.get("shown") or record["scores"]
    row |= {f"{names[key]}得分": score for key, score in shown.items()}
    row |= {"提示": "；".join(record["warnings"]), "模型": record["model"]}
    return row | {"同题": record["cluster"]} if "cluster" in record else row


def article_columns(names: Mapping[str, str]) -> list[str]:
    """Return the columns of `article_row`, with that of errors.

    Args:
        names: Chinese name of every theme, by key.
    """
    scores = [f"{name}得分" for name in names.values()]
    return [
        "编号", "标题", "日期", "来源", "地区", "主题", "主要主题", "待复核", "摘要", "要点",
        "数字条数",
        *scores, "提示", "模型", "同题", ERROR_COLUMN,
    ]  # fmt: skip


def summary_cell(record: Mapping[str, Any]) -> str:
    """Return the summary of a report; where it has none, words that say so in its place."""
    return str(record["summary"]["text"]) or NO_SUMMARY_CELL


def points_cell(record: Mapping[str, Any]) -> str:
    """Return the main facts, a line each; reports of older releases have none."""
    points = record.get("points") or ()
    lines = (f"{number}. {point['text']}" for number, point in enumerate(points, 1))
    return "\n".join(lines) if len(points) >= MIN_POINTS else ""


def place_name(record: Mapping[str, Any]) -> str:
    """Return the place that a report is about, from the province down; empty where unknown."""
    place = record.get("place") or {}
    return "".join(place.get("path") or ()) or place.get("name") or ""


def name_place(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a report as it is in JSON about a place that a person named."""
    if name == place_name(record):
        return dict(record)
    place = {"code": None, "name": name, "level": None, "path": None}
    return {**record, "place": place if name else None}


def theme_row(theme: Mapping[str, Any]) -> dict[str, Cell]:
    """Return one row for an accepted theme as it is in JSON, with the columns of `THEME_COLUMNS`.

    依据 holds the sentences that carry the theme, a line each.
    """
    evidence = "\n".join(span["text"] for span in theme["evidence"])
    return dict(zip(THEME_COLUMNS, (theme["name"], theme["score"], evidence), strict=True))


def table_figures(figures: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Return figures, as they are in JSON, as a table shows them: in order, each fact once.

    A report has each fact once since it names `repeats`. In an older one a fact is told again where
    value, unit, kind, bound and year agree and one indicator holds the other; the one with the
    fuller indicator stays, in the place of the first.
    """
    if all("repeats" in figure for figure in figures):
        return tuple(sorted(figures, key=lambda f: f["start"]))
    kept: list[Mapping[str, Any]] = []
    for figure in sorted(figures, key=lambda f: f["start"]):
        same = next((i for i, known in enumerate(kept) if _is_told_again(known, figure)), None)
        if same is None:
            kept.append(figure)
        elif len(figure["indicator"]) > len(kept[same]["indicator"]):
            kept[same] = figure
    return tuple(kept)


def _is_told_again(known: Mapping[str, Any], figure: Mapping[str, Any]) -> bool:
    facts = [[f[key] for key in _FACT] for f in (known, figure)]
    bodies = {f["body"] for f in (known, figure)} - {None}
    names = sorted((known["indicator"], figure["indicator"]), key=len)
    return facts[0] == facts[1] and len(bodies) <= 1 and bool(names[0]) and names[0] in names[1]


def figure_row(figure: Mapping[str, Any]) -> dict[str, Cell]:
    """Return one row for a key figure as it is in JSON, with the columns of `FIGURE_COLUMNS`.

    数值 is the number in base units, 原文 what is printed; 官方指标 says what differs where it is
    not the same measure. A doubtful figure is marked in 原文 and has no 数值, so that nobody adds
    it up before it was compared with the original.
    """
    doubtful = bool(figure.get("doubtful"))
    value = None if doubtful else figure["value"]
    cells: tuple[Cell, ...] = (
        figure["indicator"],
        figure["body"],
        "–".join(map(str, value)) if isinstance(value, list) else value,
        figure["unit"],
        figure["text"] + DOUBTFUL_MARK if doubtful else figure["text"],
        KINDS[figure["kind"]],
        figure["bound"],
        figure["year"],
        figure["base"],
        official_cell(figure.get("official")),
        figure["sentence"],
    )
    return dict(zip(FIGURE_COLUMNS, cells, strict=True))


def official_cell(official: Mapping[str, Any] | None) -> str | None:
    """Return the cell of an official indicator: `床位数（口径：编制数，不是实有数）`."""
    if official is None:
        return None
    note = f"（口径：{official['note']}）" if official["note"] else ""
    return f"{official['name']}{note}"


def drop_unwritable(text: str, placeholder: str = "") -> str:
    """Return a text without the characters that no file should hold, each by its placeholder."""
    return _UNWRITABLE.sub(placeholder, text)


def clean_record(record: Mapping[str, Any], *, keep_offsets: bool = False) -> dict[str, Any]:
    """Return a record whose texts every format can hold.

    Args:
        record: a report as it is in JSON, or `id`, `source` and `error`.
        keep_offsets: whether a character of the text gives way to another instead of nothing.
    """
    return {
        key: _clean(value, _PLACEHOLDER if keep_offsets and key in _COUNTED else "")
        for key, value in record.items()
    }


def _clean(value: Any, placeholder: str) -> Any:
    if isinstance(value, str):
        return drop_unwritable(value, placeholder)
    if isinstance(value, Mapping):
        return {key: _clean(part, placeholder) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(part, placeholder) for part in value]
    return value


def is_risky(cell: Cell) -> bool:
    """Whether a spreadsheet would run a text as a formula."""
    return isinstance(cell, str) and cell.startswith(_RISKY)


def make_inert(cell: Cell) -> Cell:
    """Put an apostrophe before text that a spreadsheet would run as a formula."""
    return f"'{cell}" if is_risky(cell) else cell
