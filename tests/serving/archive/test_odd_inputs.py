"""Runs over folders with odd names and files that cannot be read: they end, and say so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.conftest import ARTICLE

YIWEN = [sys.executable, "-m", "serving.cli"]


def yiwen(home: Path, *arguments: object, **more: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "YIWEN_HOME": str(home), **more}
    return subprocess.run(
        [*YIWEN, *map(str, arguments)], capture_output=True, check=False, env=environment
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for raw in ("新闻".encode("gbk"), b"a\xff"):
        (folder / (os.fsdecode(raw) + ".txt")).write_bytes(ARTICLE.encode())
    (folder / "b.doc").write_bytes(b"x")
    (folder / "c.png").write_bytes(b"x")
    (folder / "~$b.docx").write_bytes(b"x")
    return folder


@pytest.mark.skipif(
    find_spec("rapidocr") is not None, reason="pictures are read where the extra is"
)
def test_a_folder_with_names_in_gbk_and_files_of_other_kinds(folder: Path, tmp_path: Path) -> None:
    for kind in ("jsonl", "xlsx"):
        done = yiwen(tmp_path, "tag", folder, "-o", tmp_path / f"o.{kind}")
        assert done.returncode == 3, done.stderr.decode()
        assert "标注 2 篇，出错 2 篇" in done.stderr.decode()
    lines = (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["id"] for row in rows] == ["a\\xff.txt", "b.doc", "新闻.txt", str(folder)]
    assert ["error" in row for row in rows] == [False, True, False, True]
    sheet = load_workbook(tmp_path / "o.xlsx")["错误"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["b.doc", str(folder)]
    again = yiwen(tmp_path, "tag", folder, "-o", tmp_path / "o.jsonl")
    assert "本次新做 0 篇" in again.stderr.decode()
    assert yiwen(tmp_path, "runs", "--in", tmp_path).returncode == 0


def test_standard_output_is_utf8_on_any_console(folder: Path, tmp_path: Path) -> None:
    (folder / "😀.doc").write_bytes(b"x")
    done = yiwen(tmp_path, "tag", folder, PYTHONIOENCODING="gbk")
    assert done.returncode == 3, done.stderr
    ids = [json.loads(line)["id"] for line in done.stdout.decode("utf-8").splitlines()]
    assert {"新闻.txt", "😀.doc"} <= set(ids)
