from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pyarrow import parquet

from tests.conftest import ARTICLE

YIWEN = str(Path(sys.executable).parent / "yiwen")


def yiwen(
    *arguments: object, stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [YIWEN, *map(str, arguments)],
        input=stdin, capture_output=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    rows = [
        {"id": "good", "text": ARTICLE},
        {"id": "empty", "text": ""},
        {"id": "english", "text": "Only English here."},
        {"id": "formula", "text": "天气很好，县里的人都去看花了。" * 3, "title": "=1+1"},
    ]
    path = tmp_path / "in.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join([*lines, "broken"]) + "\n", encoding="utf-8")
    return path


def test_json_lines_in_and_out(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    done = yiwen("tag", inputs, "-o", out)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert done.returncode == 3
    assert [r["id"] for r in rows] == ["good", "empty", "english", "formula", "in.jsonl:5"]
    assert ["error" in r for r in rows] == [False, True, True, False, True]
    assert done.stdout == b""
    assert "标注 2 篇，出错 3 篇" in done.stderr.decode()


def test_results_go_to_stdout_and_messages_to_stderr(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    done = yiwen("tag", path)
    (line,) = done.stdout.decode().splitlines()
    assert done.returncode == 0
    assert json.loads(line)["id"] == "a.txt"


def test_standard_input() -> None:
    done = yiwen("tag", "-", stdin=ARTICLE.encode())
    assert json.loads(done.stdout)["id"] == "stdin"


def test_csv_opens_in_excel_and_runs_nothing(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    yiwen("tag", inputs, "-o", out)
    data = out.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [r["编号"] for r in rows] == ["good", "empty", "english", "formula", "in.jsonl:5"]
    assert "医共体" in rows[0]["主题"]
    assert rows[3]["标题"] == "'=1+1"
    assert rows[4]["错误"]


def test_xlsx_and_parquet(inputs: Path, tmp_path: Path) -> None:
    yiwen("tag", inputs, "-o", tmp_path / "out.xlsx")
    book = load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["文章", "主题", "数字", "错误", "说明"]
    assert (book["文章"].max_row, book["错误"].max_row) == (3, 4)
    assert book["主题"].max_row > 1
    assert book["数字"].max_row > 4
    yiwen("tag", inputs, "-o", tmp_path / "out.parquet")
    rows = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert [bool(r["error"]) for r in rows] == [False, True, True, False, True]
    assert json.loads(rows[0]["themes"])[0]["theme"] == "alliance"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tag", "no.txt", "--model", "nowhere"), "不是模型文件夹"),
        (("tag", "no.txt", "--format", "doc"), "没有 doc 这种输出格式"),
        (("tag", "no.txt", "--format", "xlsx"), "要写到文件"),
        (("tag", "no.txt", "-o", "/nowhere/out.jsonl"), "无法写入"),
        (("eval", "--data", "no.jsonl"), "没有这个文件"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(
    arguments: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    done = subprocess.run([YIWEN, *arguments], capture_output=True, cwd=tmp_path, check=False)
    text = done.stderr.decode()
    assert done.returncode == 2
    assert message in "".join(text.split()) or message in text
    assert "Traceback" not in text


def test_a_missing_file_is_a_line_and_status_3() -> None:
    done = yiwen("tag", "no-such-file.txt")
    assert done.returncode == 3
    assert "没有这个文件" in json.loads(done.stdout)["error"]


def test_the_output_may_not_be_an_input(inputs: Path) -> None:
    before = inputs.read_bytes()
    done = yiwen("tag", inputs, "-o", inputs)
    assert done.returncode == 2
    assert inputs.read_bytes() == before


def test_one_run_takes_every_kind_of_bad_input(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, data in {
        "a.txt": ARTICLE.encode(), "b.txt": b"", "c.txt": bytes(range(256)) * 9,
        "d.txt": "医".encode() * 2_000_000, "e.txt": b"English only", "z.txt": ARTICLE.encode(),
    }.items():  # fmt: skip
        (folder / name).write_bytes(data)
    out = folder / "out.jsonl"
    done = yiwen("tag", folder, "no-such.txt", "医" * 200, "-o", out)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert done.returncode == 3
    assert [r["id"] for r in rows if "error" not in r] == ["a.txt", "z.txt"]
    assert len(rows) == 8
    assert b"Traceback" not in done.stderr


def test_odd_fields_do_not_stop_a_run(tmp_path: Path) -> None:
    rows = [
        {"id": "date", "text": ARTICLE, "date": "昨天"},
        {"id": "surrogate", "text": ARTICLE + "\ud800", "title": "\ud800"},
        {"id": "control", "text": ARTICLE, "title": "a\u000bb"},
    ]
    path = tmp_path / "in.jsonl"
    path.write_bytes("\n".join(map(json.dumps, rows)).encode() + b"\n\xff\xfe{\n")
    done = yiwen("tag", path)
    reports = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert ["error" in r for r in reports] == [False, False, False, True]
    assert "读不懂" in reports[0]["warnings"][0]
    assert yiwen("tag", path, "-o", tmp_path / "out.xlsx").returncode == 3


def test_eval_prints_a_table(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    row = {"id": "1", "text": ARTICLE, "themes": ["alliance"], "primary": "alliance"}
    gold.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    done = yiwen("eval", "--data", gold, "--quick", "-o", tmp_path / "report.html")
    text = done.stdout.decode()
    assert done.returncode == 0
    assert "医共体" in text
    assert "主题全对的文章" in text
    assert json.loads((tmp_path / "report.json").read_text())["measures"]["exact"]


def test_help_is_whole_and_the_version_is_there() -> None:
    shown = yiwen("tag", "--help", COLUMNS="60").stdout.decode()
    assert "--retry-failed" in shown
    assert "…" not in shown
    assert yiwen("--version").stdout.startswith(b"yiwen ")


def test_what_is_empty_says_what_to_do(tmp_path: Path) -> None:
    home = {"YIWEN_HOME": str(tmp_path / "home")}
    assert "yiwen users add" in yiwen("users", "list", **home).stderr.decode()
    assert "yiwen tag" in yiwen("runs", "--in", tmp_path, **home).stderr.decode()
