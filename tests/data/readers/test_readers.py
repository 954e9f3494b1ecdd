from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from data.readers import Problem, read_inputs
from model import Article

TEXT = "县人民医院的大夫每周二到镇卫生院坐诊，今年共看了三百多位病人。"


def read(*inputs: object) -> list[Article | Problem]:
    return list(read_inputs([str(i) for i in inputs]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk", "big5"])
def test_encodings_of_chinese_text(tmp_path: Path, encoding: str) -> None:
    text = "縣人民醫院的大夫每周二到鎮衛生院坐診。" * 6 if encoding == "big5" else TEXT * 3
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    (article,) = read(path)
    assert isinstance(article, Article)
    assert article.text.startswith("县人民医院的大夫")
    assert (article.id, article.source) == ("a.txt", str(path))


def test_folders_patterns_and_ids(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "b.md").write_text(TEXT, encoding="utf-8")
    (tmp_path / "c.bin").write_bytes(b"\x00")
    items = read(tmp_path)
    assert [item.id for item in items] == ["b.md", "c.bin", "sub/a.txt"]
    assert [isinstance(item, Problem) for item in items] == [False, True, False]
    assert [a.id for a in read(tmp_path / "*.md")] == ["b.md"]


def test_json_lines_keep_ids_and_order_and_name_bad_lines(tmp_path: Path) -> None:
    rows = [
        json.dumps({"id": "x1", "text": TEXT, "title": "题", "date": "2020-01-02", "source": "报"}),
        "not json", json.dumps([1]), json.dumps({"id": "x2"}), json.dumps({"id": 7, "text": ""}),
        "[" * 100_000, json.dumps({"text": TEXT + "\u2028二"}),
    ]  # fmt: skip
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    items = read(path)
    ids = ["x1", "in.jsonl:2", "in.jsonl:3", "x2", 7, "in.jsonl:6", "in.jsonl:7"]
    assert [item.id for item in items] == ids
    assert [isinstance(item, Problem) for item in items] == [False, *[True] * 5, False]
    first = items[0]
    assert isinstance(first, Article)
    assert (first.title, first.date, first.source) == ("题", "2020-01-02", "报")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.txt", b"", "没有文字"),
        ("three.txt", "医共体".encode(), "太短"),
        ("english.txt", b"A new hospital opened on Monday.", "不是中文"),
        ("binary.txt", bytes(range(256)) * 40, "不是文本文件"),
        ("zeros.txt", b"abc\x00\x01" * 30, "不是文本文件"),
        ("cut.txt", b"\xff\xfe" + "医院".encode("utf-16-le")[:-1], "编码有误"),
        ("huge.txt", ("医院" * 1_000_000).encode(), "过长"),
        ("a.exe", b"MZ", "暂不支持"),
    ],
)
def test_bad_files_become_problems_that_name_them(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    good = tmp_path / "z.txt"
    good.write_text(TEXT, encoding="utf-8")
    problem, article = read(path, good)
    assert isinstance(problem, Problem)
    assert (problem.id, problem.source) == (name, str(path))
    assert message in problem.message
    assert isinstance(article, Article)


def test_what_is_not_there_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    missing, empty = read(tmp_path / "no.txt", tmp_path / "empty")
    assert isinstance(missing, Problem)
    assert "没有这个文件" in missing.message
    assert isinstance(empty, Problem)
    assert "没有可读的文件" in empty.message


@pytest.mark.parametrize(
    ("data", "n_items"), [(TEXT, 1), (json.dumps({"id": "1", "text": TEXT}) + "\n{\n", 2)]
)
def test_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: str, n_items: int
) -> None:
    path = tmp_path / "piped"
    path.write_text(data, encoding="utf-8")
    with path.open("rb") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert len(read("-")) == n_items
