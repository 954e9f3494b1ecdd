"""Labels of people as a workbook, which `yiwen train` and the page read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from data.labels.corrections import Correction
from serving.output.tables import Cell, drop_unwritable
from serving.output.workbook import write_sheet

LABEL_COLUMNS = (
    "标题", "日期", "来源", "主题", "存疑主题", "主要主题", "标注人", "标注时间", "正文",
)  # fmt: skip
_NONE = "无"


def write_label_sheet(
    path: Path, corrections: Iterable[Correction], names: Mapping[str, str]
) -> None:
    """Write labels, a row an article.

    Args:
        path: an .xlsx file.
        corrections: the labels.
        names: Chinese name of every theme, by key.
    """
    write_sheet(path, "标注", LABEL_COLUMNS, (_row(one, names) for one in corrections))


def _row(correction: Correction, names: Mapping[str, str]) -> tuple[Cell, ...]:
    labelled = correction.labelled
    cells = (
        labelled.title,
        labelled.date or "",
        labelled.source,
        _name(labelled.themes, names) or _NONE,
        _name(labelled.borderline, names),
        names.get(labelled.primary or "", ""),
        correction.by,
        f"{correction.at.astimezone():%Y-%m-%d %H:%M}",
        labelled.text,
    )
    return tuple(drop_unwritable(cell) for cell in cells)


def _name(keys: Iterable[str], names: Mapping[str, str]) -> str:
    return "、".join(names.get(key, key) for key in sorted(keys))
