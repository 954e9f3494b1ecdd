"""Bad input to every reader: a problem that names the file, in bounded time and memory."""

from __future__ import annotations

import io
import random
import re
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from data.readers import Item, Problem, read_file
from data.readers import archive as zips
from data.readers.pages import timed_process
from data.readers.pages.pdf import page as pdf
from model import Article
from tests.data.readers.make_files import (
    MAKERS,
    TEXT,
    draw_pdf,
    make_csv,
    make_docx,
    make_html,
    make_jsonl,
    make_parquet,
    make_xlsx,
    replace_part,
    zip_files,
)

MAX_SECONDS = 10
FORMATS = sorted(MAKERS)
BINARY = {".docx", ".pdf", ".xlsx", ".parquet", ".zip"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < MAX_SECONDS


def read(folder: Path, name: str, data: bytes) -> list[Item]:
    path = folder / name
    path.write_bytes(data)
    return list(read_file(path, name))


def read_problem(folder: Path, name: str, data: bytes) -> Problem:
    (problem,) = read(folder, name, data)
    assert isinstance(problem, Problem), problem
    assert str(problem.id).startswith(name)
    assert problem.source == str(folder / name)
    return problem


@pytest.mark.parametrize("suffix", FORMATS)
def test_good(tmp_path: Path, suffix: str) -> None:
    (article,) = read(tmp_path, f"a{suffix}", MAKERS[suffix]())
    assert isinstance(article, Article), article
    assert article.text == TEXT


@pytest.mark.parametrize("suffix", FORMATS)
def test_empty(tmp_path: Path, suffix: str) -> None:
    assert "是空的" in read_problem(tmp_path, f"a{suffix}", b"").message


@pytest.mark.parametrize("suffix", FORMATS)
def test_random_bytes(tmp_path: Path, suffix: str) -> None:
    data = random.Random(1).randbytes(100_000)
    assert read_problem(tmp_path, f"a{suffix}", data).message


@pytest.mark.parametrize("suffix", sorted(BINARY))
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_truncated(tmp_path: Path, suffix: str, share: float) -> None:
    data = MAKERS[suffix](TEXT * 40)
    message = read_problem(tmp_path, f"a{suffix}", data[: int(len(data) * share)]).message
    assert any(word in message for word in ("损坏", "没有文字层"))


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_table_cut_within_a_character(tmp_path: Path, suffix: str) -> None:
    data = MAKERS[suffix](TEXT)
    end = data.rindex("病".encode()) + 1
    assert read_problem(tmp_path, f"a{suffix}", data[:end]).message


@pytest.mark.parametrize("suffix", [".txt", ".md"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_text_cut_within_a_character_is_read_with_a_warning(
    tmp_path: Path, suffix: str, encoding: str
) -> None:
    data = (TEXT * 2).encode(encoding)
    (article,) = read(tmp_path, f"a{suffix}", data[: data.rindex("病".encode(encoding)) + 1])
    assert isinstance(article, Article)
    assert article.text.startswith(TEXT)
    assert any("字符损坏" in warning for warning in article.warnings)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5"])
def test_one_broken_byte_costs_one_character(tmp_path: Path, encoding: str) -> None:
    text = "縣醫院派出醫療隊，到鄉鎮給老人看病送藥，大家都說這樣很方便。" * 4
    data = text.encode(encoding)
    middle = data.index("送".encode(encoding), len(data) // 2)
    (article,) = read(tmp_path, "a.txt", data[:middle] + b"\xff" + data[middle:])
    assert isinstance(article, Article)
    assert article.text.count("\ufffd") == 1
    assert article.text.startswith("县医院派出医疗队，到乡镇给老人看病送药，大家都说这样很方便。")
    assert any("1 处字符损坏" in warning for warning in article.warnings)


def test_a_text_with_many_broken_bytes_is_refused(tmp_path: Path) -> None:
    data = bytearray((TEXT * 4).encode())
    data[::7] = b"\xff" * len(data[::7])
    assert "编码" in read_problem(tmp_path, "a.txt", bytes(data)).message


def test_a_page_cut_within_a_character_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    data = make_html(TEXT * 40)
    (article,) = read(tmp_path, "a.html", data[: data.rindex("病".encode()) + 1])
    assert isinstance(article, Article)
    assert article.text.startswith(TEXT)


@pytest.mark.parametrize("suffix", FORMATS)
def test_parts_overwritten_never_stop_a_run(tmp_path: Path, suffix: str) -> None:
    dice = random.Random(2)
    good = MAKERS[suffix](TEXT * 5)
    for _ in range(3 if suffix == ".pdf" else 25):
        data = bytearray(good)
        for _ in range(20):
            data[dice.randrange(len(data))] = dice.randrange(256)
        assert read(tmp_path, f"a{suffix}", bytes(data))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("suffix", [s for s in FORMATS if s != ".md"])
def test_wrong_extension(tmp_path: Path, kind: str, suffix: str) -> None:
    """What is known by its bytes is read as what it is; the rest is an article or a message."""
    item, *_ = read(tmp_path, f"a{suffix}", MAKERS[kind]())
    if kind in BINARY or (kind == ".html" and suffix not in BINARY):
        assert isinstance(item, Article)
        assert item.text == TEXT
    elif suffix in BINARY:
        assert isinstance(item, Problem)
        assert "改错了扩展名" in item.message


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "有密码"),
        ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "有密码"),
        ("a.pdf", draw_pdf([[(50, 700, 12, TEXT)]], password="secret"), "有密码"),
        ("a.parquet", b"PARE" + bytes(100) + b"PARE", "有密码"),
        ("a.doc", OLE + "WordDocument".encode("utf-16-le"), "已损坏"),
        ("a.xls", OLE + "Workbook".encode("utf-16-le"), "已损坏"),
        ("a.txt", b"{\\rtf1\\ansi", "没有文字"),
        ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(50), "文字识别"),
        ("a.txt", b"Rar!\x1a\x07", "zip"),
        ("a.pdf", draw_pdf([[]]), "没有文字层"),
        ("a.zip", zip_files({"a.exe": b"MZ"}), "暂不支持 .exe"),
        ("a.zip", zip_files({"Thumbs.db": b"x"}), "没有可读的文件"),
        ("a.zip", zip_files({}), "没有可读的文件"),
        ("a.html", b"<html><body><script>1</script></body></html>", "没有找到正文"),
        ("a.csv", "姓名,年龄\n甲,3\n".encode(), "现在第一行是：姓名、年龄"),
        ("a.csv", "编号,正文\n".encode(), "没有文章"),
    ],
)
def test_the_message_says_what_it_is(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    assert message in read_problem(tmp_path, name, data).message


def test_zip_with_a_password(tmp_path: Path) -> None:
    data = bytearray(zip_files({"a.txt": TEXT.encode()}))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    problem = read_problem(tmp_path, "a.zip", bytes(data))
    assert problem.id == "a.zip/a.txt"
    assert "有密码" in problem.message


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".csv", ".jsonl", ".docx", ".parquet"])
def test_fifty_megabytes_of_one_line(tmp_path: Path, suffix: str) -> None:
    (problem,) = read(tmp_path, f"a{suffix}", MAKERS[suffix]("医" * (50_000_000 // 3)))
    assert isinstance(problem, Problem)
    assert problem.source == str(tmp_path / f"a{suffix}")


def test_after_a_line_too_long_the_next_is_read(tmp_path: Path) -> None:
    data = b'{"text": "' + b"a" * 40_000_000 + b'"}\n' + make_jsonl()
    problem, article = read(tmp_path, "a.jsonl", data)
    assert isinstance(problem, Problem)
    assert problem.id == "a.jsonl:1"
    assert isinstance(article, Article)


def test_flat_zip_bomb(tmp_path: Path) -> None:
    bomb = zip_files({f"{i}.txt": bytes(20_000_000) for i in range(8)} | {"z.txt": TEXT.encode()})
    *problems, article = read(tmp_path, "a.zip", bomb)
    assert {"炸弹" in p.message for p in problems if isinstance(p, Problem)} == {True}
    assert len(problems) == 8
    assert isinstance(article, Article)


def test_nested_zip_bomb(tmp_path: Path) -> None:
    data = zip_files({"a.txt": TEXT.encode()})
    for _ in range(12):
        data = zip_files({f"{i}.zip": data for i in range(3)}, zipfile.ZIP_STORED)
    items = read(tmp_path, "a.zip", data)
    assert len(items) == 27  # three archives in each of three in each of three
    assert all("不止 3 层" in item.message for item in items if isinstance(item, Problem))


def test_all_archives_share_one_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MAX_UNPACKED_BYTES", 2_000)
    inner = zip_files({f"{i}.txt": TEXT.encode() for i in range(5)})
    items = read(tmp_path, "a.zip", zip_files({f"{i}.zip": inner for i in range(5)}))
    assert 0 < len([i for i in items if isinstance(i, Article)]) < 25
    assert isinstance(items[-1], Problem)
    assert "解开后太大" in items[-1].message


@pytest.mark.parametrize(
    ("make", "part"),
    [(make_docx, "word/document.xml"), (make_xlsx, "xl/worksheets/sheet1.xml")],
)
def test_office_bomb(tmp_path: Path, make: type, part: str) -> None:
    bomb = replace_part(make(), part, lambda data: data + b" " * 60_000_000)
    suffix = ".docx" if make is make_docx else ".xlsx"
    assert "炸弹" in read_problem(tmp_path, f"a{suffix}", bomb).message


def test_parquet_bomb(tmp_path: Path) -> None:
    stream = io.BytesIO()
    parquet.write_table(pa.table({"text": ["医" * 30_000_000]}), stream, compression="zstd")
    assert "炸弹" in read_problem(tmp_path, "a.parquet", stream.getvalue()).message


def make_raw_pdf(objects: list[bytes]) -> bytes:
    """Return a PDF without a cross-reference table; parsers look its objects up themselves."""
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (i, o) for i, o in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer << /Root 1 0 R >>\n%%EOF"


def make_stream(fields: bytes, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (fields, len(data), data)


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 99 99] >>"


def test_pdf_bomb(tmp_path: Path) -> None:
    pack = zlib.compressobj(9)
    start = pack.compress(bytes(10_000_000)) + pack.flush(zlib.Z_FULL_FLUSH)
    more = pack.compress(bytes(10_000_000)) + pack.flush(zlib.Z_FULL_FLUSH)
    packed = start + more * 400
    page = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>"
    data = make_raw_pdf([CATALOG, PAGES, page, make_stream(b"/Filter /FlateDecode", packed)])
    assert "PDF" in read_problem(tmp_path, "a.pdf", data).message


def test_pdf_that_draws_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "TIMEOUT_S", 3)
    depth = 40
    uses = b"/Resources << /XObject << /F %d 0 R >> >>"
    page = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R " + uses % 5 + b" >>"
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] " + uses
    forms = [make_stream(form % (i + 6), b"/F Do " * 2) for i in range(depth)]
    data = make_raw_pdf([CATALOG, PAGES, page, make_stream(b"", b"/F Do"), *forms])
    assert "3 秒" in read_problem(tmp_path, "a.pdf", data).message


def test_a_tag_with_endless_attributes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.readers.pages.web.page.TIMEOUT_S", 2)
    page = f"<html><body><p {' '.join(f'a{i}' for i in range(300_000))}>{TEXT}"
    assert "2 秒" in read_problem(tmp_path, "a.html", page.encode()).message


@pytest.mark.parametrize("element", ["<p>医院", "<div>", "<table><tr><td>医院", "<li><a>医院</a>"])
def test_a_page_of_endless_elements(tmp_path: Path, element: str) -> None:
    page = "<html><body>" + element * 300_000
    assert len(read(tmp_path, "a.html", page.encode())) == 1


@pytest.mark.parametrize("suffix", [".docx", ".xlsx"])
def test_entities_are_not_expanded(tmp_path: Path, suffix: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("机密的文字", encoding="utf-8")
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    dtd = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}"><!ENTITY l0 "笑笑">{laughs}]>'

    def inject(data: bytes) -> bytes:
        at = data.index(b"?>") + 2 if b"?>" in data else 0
        before, first, after = re.split(rb"(\xe5\x8e\xbf|&#21439;)", data[at:], maxsplit=1)
        return data[:at] + dtd.encode() + before + b"&e;&l11;" + first + after

    part = "word/document.xml" if suffix == ".docx" else "xl/worksheets/sheet1.xml"
    (item,) = read(tmp_path, f"a{suffix}", replace_part(MAKERS[suffix](), part, inject))
    assert "机密" not in str(item)
    assert "笑笑笑" not in str(item)


def test_members_stay_in_the_archive(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "folder"
    folder.mkdir(parents=True)
    names = ["../up.txt", "/tmp/yiwen-absolute.txt", "..\\back.txt"]
    items = read(folder, "a.zip", zip_files(dict.fromkeys(names, TEXT.encode())))
    assert [type(item) for item in items] == [Article] * 3
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a.zip", "deep", "folder"]
    assert not Path("/tmp/yiwen-absolute.txt").exists()


def test_a_damaged_member_does_not_stop_the_others(tmp_path: Path) -> None:
    files = {"a.txt": TEXT.encode(), "b.txt": TEXT.encode()}
    data = bytearray(zip_files(files, zipfile.ZIP_STORED))
    data[40] ^= 1
    problem, article = read(tmp_path, "a.zip", bytes(data))
    assert isinstance(problem, Problem)
    assert (problem.id, "已损坏" in problem.message) == ("a.zip/a.txt", True)
    assert isinstance(article, Article)


def test_bombs_fit_in_little_memory(tmp_path: Path) -> None:
    """A process that may have 1.5 GB reads all of them and says so."""
    lines = b'{"text": "' + b"a" * 50_000_000 + b'"}\n'
    (tmp_path / "a.jsonl").write_bytes(lines)
    (tmp_path / "b.txt").write_bytes(bytes([65]) * 50_000_000)
    (tmp_path / "c.zip").write_bytes(zip_files({"a.txt": bytes(300_000_000), "b.jsonl": lines}))
    (tmp_path / "d.csv").write_bytes("正文\n".encode() + b'"' + b"a\n" * 25_000_000)
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (3 << 29, 3 << 29));"
        "from data.readers import read_inputs;"
        "print([type(item).__name__ for item in read_inputs(sys.argv[1:])])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True, text=True, check=True, cwd=timed_process._ROOT,
    )  # fmt: skip
    assert done.stdout.strip() == str(["Problem"] * 5)


def test_csv_that_breaks_keeps_what_came_before(tmp_path: Path) -> None:
    *articles, problem = read(tmp_path, "a.csv", make_csv() + b"8,\xff\xfe\xff\n")
    assert [type(item) for item in articles] == [Article]
    assert isinstance(problem, Problem)
    assert "编码有误" in problem.message


def test_parquet_without_a_text_column(tmp_path: Path) -> None:
    stream = io.BytesIO()
    parquet.write_table(pa.table({"name": ["甲"]}), stream)
    assert "现在第一行是：name" in read_problem(tmp_path, "a.parquet", stream.getvalue()).message
    assert make_parquet()


def test_a_zip_member_whose_name_is_damaged(tmp_path: Path) -> None:
    data = bytearray(zip_files({"甲.txt": TEXT.encode(), "乙.txt": TEXT.encode()}))
    local = data.index("甲".encode())  # the directory at the end keeps the right name
    data[local] = 0xFF
    (tmp_path / "a.zip").write_bytes(data)
    found = list(read_file(tmp_path / "a.zip", "a.zip"))
    assert [type(item).__name__ for item in found] == ["Problem", "Article"]
