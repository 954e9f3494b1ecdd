"""Folders and archives of everything: what is not read is named with its reason, once."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from data.readers import Item, Problem, count_passed_over, find_files, printable, read_inputs
from model import Article
from tests.data.readers.make_files import TEXT, make_docx, make_html, make_xlsx, zip_files

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
MAIL = b"From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: "
READ = {
    "剪报/a.TXT": TEXT.encode(),
    "剪报/无扩展名": TEXT.encode("gbk"),
    "剪报/2024.5.16云岭": TEXT.encode(),
    "剪报/2024.5.16": make_docx(),
    "剪报/b.bak": make_xlsx(),
    "剪报/c.doc": make_html(),
    "剪报/d.json": json.dumps([{"text": TEXT}]).encode(),
    "剪报/.隐藏.txt": TEXT.encode(),
    "剪报/e.eml": MAIL + b"text/plain; charset=utf-8\r\n\r\n" + TEXT.encode(),
}
REFUSED = {
    "b.wps": (b"x", "内容却不是"),
    "c.rtf": (b"{\\rtf1\\ansi", "没有文字"),
    "d.doc": (OLE + "WordDocument".encode("utf-16-le"), "已损坏"),
    "e.xls": (OLE + "Workbook".encode("utf-16-le"), "已损坏"),
    "f.xls": (make_html(), "网页格式的 .xls"),
    "g.pptx": (b"x", "另存为 .docx"),
    "h.mhtml": (MAIL + b"multipart/related;\r\n\tboundary=x\r\n\r\n<p>", "MHTML"),
    "h.html": (MAIL + b"multipart/related;\r\n\tboundary=x\r\n\r\n<p>", "MHTML"),
    "i.eml": (MAIL + b"text/plain\r\n\r\nx", "正文太短"),
    "j.exe": (b"MZ", "暂不支持 .exe"),
    "k.mp4": (b"x", "没有文字可读"),
    "l": (bytes(range(256)), "不是文本文件"),
    "m.rar": (b"Rar!\x1a\x07", "zip"),
    "n.docx": (b"", "是空的"),
}
LITTER = {
    "~$b.docx": b"x", "._a.txt": b"x", ".DS_Store": b"x", "Thumbs.db": b"x", "desktop.ini": b"x",
    ".~lock.b.docx#": b"x", "~WRL0003.tmp": b"x", ".git/HEAD": b"x", "__MACOSX/x": b"x",
    "o.jsonl.ledger": b"x", "o.jsonl.ledger.lock": b"x", "o.jsonl.ledger-wal": b"x",
    "p.html": make_html(), "p_files/a.css": b"x", "p_files/b.png": b"x", "p_files/sub/c.js": b"x",
}  # fmt: skip
PICTURES = {"图/甲.JPG": b"\xff\xd8\xff", "图/乙.png": b"x", "q_files/a.png": b"x"}
ALL = {**READ, **{name: data for name, (data, _) in REFUSED.items()}, **LITTER, **PICTURES}


def check(items: list[Item], prefix: str, whole: str) -> None:
    found = {str(item.id).removeprefix(prefix): item for item in items}
    assert len(found) == len(items)
    ids = {name + ":1" * name.endswith(".json") for name in READ} - {"剪报/b.bak"}
    articles = [item for item in items if isinstance(item, Article)]
    assert {str(a.id).removeprefix(prefix) for a in articles} == ids | {"7", "p.html"}
    assert {article.text for article in articles} == {TEXT}
    for name, (_, message) in REFUSED.items():
        problem = found.pop(name)
        assert isinstance(problem, Problem)
        assert message in problem.message, problem
    (pictures,) = (item for item in found.values() if isinstance(item, Problem))
    assert pictures.id == whole
    assert "3 张图片没有读" in pictures.message


def test_a_folder_of_everything(tmp_path: Path) -> None:
    for name, data in ALL.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    check(list(read_inputs([str(tmp_path)])), "", str(tmp_path))
    own = sum(".ledger" in name for name in LITTER)
    n_litter = len(LITTER) - own - len({"p.html"})
    assert count_passed_over(str(tmp_path)) == n_litter
    assert count_passed_over(str(tmp_path / "p.html")) == 0


def test_an_archive_of_everything(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zip_files(ALL))
    check(list(read_inputs([str(tmp_path / "a.zip")])), "a.zip/", "a.zip")


def test_pictures_alone_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    (problem,) = read_inputs([str(tmp_path)])
    assert isinstance(problem, Problem)
    assert "1 张图片" in problem.message


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("新闻.txt".encode("gbk"), "新闻.txt"),
        (b"a\xff.txt", "a\\xff.txt"),
        ("新闻\n😀[*].txt".encode(), "新闻\n😀[*].txt"),
    ],
)
def test_names_in_any_bytes_can_be_written(tmp_path: Path, raw: bytes, name: str) -> None:
    path = tmp_path / "夹" / os.fsdecode("夹".encode("gbk")) / os.fsdecode(raw)
    path.parent.mkdir(parents=True)
    path.write_bytes(TEXT.encode())
    (article,) = read_inputs([str(tmp_path)])
    assert isinstance(article, Article)
    assert article.id == f"夹/夹/{name}"
    assert article.source == str(tmp_path / "夹" / "夹" / name)
    assert [found for _, found in find_files(str(path))] == [name]
    (missing,) = read_inputs([f"{path}x"])
    assert json.dumps([missing.id, missing.source], ensure_ascii=False).encode()
    assert printable("\ud83d") == "\\ud83d"
