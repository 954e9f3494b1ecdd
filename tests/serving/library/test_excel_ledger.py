"""The user's ledger: a row an article, never twice, beside columns of the user's own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from model import InputError
from serving.library.excel_ledger import COLUMNS, add_to_ledger, ledger_file
from tests.serving.library.reports import make_report

REPORT = make_report("就诊率达90.6%。", theme="alliance", title="=1+1", date="2024-05-16")


def read(path: Path) -> list[tuple[object, ...]]:
    return list(load_workbook(path).active.iter_rows(values_only=True))


def test_a_row_is_added_once(tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    assert add_to_ledger(path, "a" * 64, REPORT)
    assert not add_to_ledger(path, "a" * 64, REPORT)
    assert add_to_ledger(path, "b" * 64, REPORT)
    head, row, _ = read(path)
    assert head == COLUMNS
    assert row[0] == "2024-05-16"
    assert row[2] == "'=1+1"
    assert row[3] == "医共体"
    assert row[6] == "县域内就诊率 90.6%"


def test_a_ledger_keeps_its_own_columns(tmp_path: Path) -> None:
    path, book = tmp_path / "台账.xlsx", Workbook()
    book.active.append(["序号", "标题", "日期"])
    book.active.append([1, "旧", "2024-01-01"])
    book.save(path)
    assert add_to_ledger(path, "a" * 64, REPORT)
    assert not add_to_ledger(path, "a" * 64, REPORT)
    assert read(path) == [
        ("序号", "标题", "日期", "编号"), (1, "旧", "2024-01-01", None),
        (None, "'=1+1", "2024-05-16", "a" * 16),
    ]  # fmt: skip


def test_two_people_add_at_once(tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    with ThreadPoolExecutor(4) as pool:
        keys = [f"{i % 3}" * 64 for i in range(8)]
        added = list(pool.map(lambda key: add_to_ledger(path, key, REPORT), keys))
    assert (sum(added), len(read(path))) == (3, 4)


def test_names_that_lead_elsewhere_and_files_of_another_kind_are_refused(tmp_path: Path) -> None:
    for name in ("", "../x", "a/b", "a" * 41, "."):
        with pytest.raises(InputError):
            ledger_file(name)
    assert ledger_file("台账-2024.xlsx").name == "台账-2024.xlsx"
    (tmp_path / "x.xlsx").write_text("文字")
    with pytest.raises(InputError, match="写不进"):
        add_to_ledger(tmp_path / "x.xlsx", "a" * 64, REPORT)
