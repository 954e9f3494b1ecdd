"""The user's ledger: an Excel file to which articles are added row by row, none of them twice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from filelock import FileLock

from model import InputError
from serving.home.folder import home_folder
from serving.output.tables import drop_unwritable, make_inert, summary_cell, table_figures

COLUMNS = ("日期", "来源", "标题", "主题", "地区", "摘要", "关键数字", "编号")
_KEY_CHARS = 16
_MAX_CELL_CHARS = 32_000
_MAX_NAME = 40


def ledger_file(name: str) -> Path:
    """Return the file of a ledger in the home folder.

    Raises:
        InputError: the name is no plain file name.
    """
    name = name.strip().removesuffix(".xlsx")
    plain = name.replace("-", "").replace("_", "").replace(" ", "")
    if not plain.isalnum() or len(name) > _MAX_NAME:
        raise InputError("台账的名字只能用文字、数字、- 和 _，最多 40 字")
    folder = home_folder() / "ledgers"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{name}.xlsx"


def add_to_ledger(path: Path, digest: str, record: Mapping[str, Any]) -> bool:
    """Append an article's row to a ledger, made if missing; return False if it is there already.

    Columns that the ledger lacks are left out, so a ledger with columns of its own keeps them; 编号
    tells whether an article is there and is added where it is missing.

    Raises:
        InputError: the file is no Excel file, or is open in Excel.
    """
    from openpyxl import Workbook, load_workbook

    try:
        with FileLock(f"{path}.lock", timeout=30):
            book = load_workbook(path) if path.exists() else Workbook()
            sheet = book.active
            columns = _read_columns(sheet)
            key = digest[:_KEY_CHARS]
            known = {sheet.cell(r, columns["编号"]).value for r in range(2, sheet.max_row + 1)}
            if key in known:
                return False
            row = sheet.max_row + 1
            for name, value in _to_row(key, record).items():
                if name in columns:
                    sheet.cell(row, columns[name]).value = make_inert(value)
            part = path.with_name(f".{path.name}.part")
            book.save(part)
            part.replace(path)
    except (BadZipFile, OSError, KeyError, ValueError) as error:
        raise InputError(
            f"{path.name} 写不进（{error!s:.80}）；在 Excel 里开着的请先关掉"
        ) from None
    return True


def _read_columns(sheet: Any) -> dict[str, int]:
    """Return the number of each column by its head; an empty sheet gets ours."""
    heads = [str(cell.value or "") for cell in sheet[1]]
    if not any(heads):
        heads = list(COLUMNS)
    elif "编号" not in heads:
        heads.append("编号")
    for i, head in enumerate(heads, 1):
        sheet.cell(1, i).value = head
    return {head: i for i, head in enumerate(heads, 1)}


def _to_row(key: str, record: Mapping[str, Any]) -> dict[str, str]:
    place = record.get("place") or {}
    figures = "；".join(
        f"{figure['indicator']} {figure['text']}" for figure in table_figures(record["figures"])
    )
    row = {
        "日期": record.get("date") or "", "来源": record.get("source") or "",
        "标题": record.get("title") or "",
        "主题": "、".join(theme["name"] for theme in record["themes"]),
        "地区": str(place.get("name") or ""), "摘要": summary_cell(record),
        "关键数字": figures, "编号": key,
    }  # fmt: skip
    return {name: drop_unwritable(str(value))[:_MAX_CELL_CHARS] for name, value in row.items()}
