"""Old Office formats: files that LibreOffice wrote, the same article in each, and damaged ones.

`old_office.zip` holds them. The document has hidden and deleted text, a link, a raised sign and a
table; the workbook one row.
"""

from __future__ import annotations

import struct
import zipfile
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from random import Random
from time import perf_counter

import pytest

from data.readers import Item, Problem, read_file
from data.readers.pages import timed_process
from data.readers.pages.office.ole import read_ole
from data.readers.pages.office.rtf import read_rtf
from data.readers.pages.word_table import write_rows
from eval.bench.mutations import damage
from model import Analyzer, Article, InputError
from tests.data.readers.make_files import replace_part

FILES = Path(__file__).with_name("old_office.zip")
TITLE = "云岭县医共体让小病在镇上看"
SENTENCES = (
    "2022年起，云岭县把县人民医院和16家乡镇卫生院编成一个紧密型医共体，总院统一派驻医师。",
    "去年，总院向乡镇派驻医师83名，双向转诊3260人次，下转病人比2021年增长41.5%。",
)
DOCUMENT = "\n".join(
    [
        TITLE,
        "2024年5月16日 来源：云岭县融媒体中心",
        *SENTENCES,
        "县域内就诊率由2021年的82.3%提高到90.6%，门诊楼有6000m²。见县政府网站。",
        "派驻医师（名）：2022年52名，2023年83名。",
        "双向转诊（人次）：2022年2100人次，2023年3260人次。",
        "周大爷说，他把药吃完了就回家种地𠮷。",
    ]
)
ROW = "\n".join([*SENTENCES, "县域内就诊率由2021年的82.3%提高到90.6%。"])
DOCUMENTS, WORKBOOKS = (".doc", ".wps", ".rtf"), (".xls", ".et", ".ods")
MADE_BY = {".wps": ".doc", ".et": ".xls"}  # WPS writes Microsoft's formats under its own names


@cache
def stored(suffix: str) -> bytes:
    with zipfile.ZipFile(FILES) as files:
        return files.read(f"article{MADE_BY.get(suffix, suffix)}")


def read(folder: Path, name: str, content: bytes) -> list[Item]:
    path = folder / name
    path.write_bytes(content)
    return list(read_file(path, name))


def read_one(folder: Path, name: str, content: bytes) -> Article:
    (article,) = read(folder, name, content)
    assert isinstance(article, Article), article
    return article


def read_problem(folder: Path, name: str, content: bytes) -> Problem:
    (problem,) = read(folder, name, content)
    assert isinstance(problem, Problem)
    return problem


@pytest.mark.parametrize("suffix", DOCUMENTS)
def test_a_document_is_read_with_its_table(tmp_path: Path, suffix: str) -> None:
    article = read_one(tmp_path, f"a{suffix}", stored(suffix))
    assert article.text == DOCUMENT
    assert (article.title, article.date) == (TITLE, "2024-05-16")
    assert not article.warnings


@pytest.mark.parametrize("suffix", WORKBOOKS)
def test_a_workbook_is_read_row_by_row(tmp_path: Path, suffix: str) -> None:
    article = read_one(tmp_path, f"a{suffix}", stored(suffix))
    assert article.text == ROW
    assert (article.id, article.title, article.date) == (7, TITLE, "2024-05-16")
    assert article.source == "云岭县融媒体中心"


@pytest.mark.parametrize("suffix", [".txt", ""])
def test_the_name_does_not_matter(tmp_path: Path, suffix: str) -> None:
    assert read_one(tmp_path, f"旧文件{suffix}", stored(".doc")).text == DOCUMENT
    assert read_one(tmp_path, f"旧文件{suffix}", stored(".rtf")).text == DOCUMENT


def write_mail(kind: str, body: str) -> bytes:
    mail = EmailMessage()
    mail["Received"] = "from a by b"
    mail["Subject"] = TITLE
    mail.set_content(body, subtype=kind, charset="gb18030")
    return mail.as_bytes()


def test_one_article_gives_one_report_in_every_format(tmp_path: Path, analyzer: Analyzer) -> None:
    page = "".join(f"<p>{line}</p>" for line in ROW.split("\n"))
    page = f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1>{page}</body></html>"
    contents = {suffix: stored(suffix) for suffix in WORKBOOKS} | {
        ".eml": write_mail("plain", ROW),
        ".mhtml": write_mail("html", page),
        ".mht": write_mail("html", page),
        ".html": page.encode(),
    }
    reports = {
        suffix: analyzer.analyze(read_one(tmp_path, f"a{suffix}", content)).to_dict()
        for suffix, content in contents.items()
    }
    for name in ("scores", "primary", "review"):
        assert len({str(report[name]) for report in reports.values()}) == 1
    for report in reports.values():
        assert [figure["text"] for figure in report["figures"]] == [
            figure["text"] for figure in reports[".xls"]["figures"]
        ]
        assert report["summary"]["text"] == reports[".xls"]["summary"]["text"]


def test_a_document_with_a_password_is_named(tmp_path: Path) -> None:
    at = stored(".doc").index(struct.pack("<H", 0xA5EC)) + 11
    locked = bytearray(stored(".doc"))
    locked[at] |= 1  # the bit that says that all behind the head is encrypted
    problem = read_problem(tmp_path, "a.doc", bytes(locked))
    assert (problem.code, "有密码" in problem.message) == ("file_password", True)


def test_a_workbook_with_a_password_is_named(tmp_path: Path) -> None:
    locked = bytearray(stored(".xls"))
    start = locked.index(struct.pack("<HHH", 0x809, 16, 0x600))  # the workbook's first record
    second = start + 20
    locked[second : second + 2] = struct.pack("<H", 0x2F)  # the next one becomes FILEPASS
    problem = read_problem(tmp_path, "a.xls", bytes(locked))
    assert (problem.code, "有密码" in problem.message) == ("file_password", True)


def test_word_95_is_named(tmp_path: Path) -> None:
    old = bytearray(stored(".doc"))
    at = old.index(struct.pack("<H", 0xA5EC))
    old[at + 2 : at + 4] = struct.pack("<H", 0x65)
    assert "Word 95" in read_problem(tmp_path, "a.doc", bytes(old)).message


def test_damaged_files_are_articles_or_clear_errors(tmp_path: Path) -> None:
    chance = Random(29)
    start = perf_counter()
    for number in range(100):
        suffix = chance.choice((*DOCUMENTS, *WORKBOOKS))
        items = read(tmp_path, f"{number}{suffix}", damage(stored(suffix), chance))
        assert items
        for item in items:
            if isinstance(item, Problem):
                assert any("\u4e00" <= c <= "\u9fff" for c in item.message)
    assert perf_counter() - start < 60


@pytest.mark.parametrize("number", [56, 2270, 2710, 3800])  # of 4,000, where it was shown once
def test_a_damaged_document_shows_nothing_that_was_hidden(number: int) -> None:
    found = read_ole(damage(stored(".doc"), Random(f"doc {number}")))
    assert not any(word in found.get("text", "") for word in ("99名", "77间", "HYPERLINK"))


def test_rtf_of_word_and_of_wps() -> None:
    chinese = "".join(f"\\'{byte:02x}" for byte in "全县共收治".encode("gbk"))
    half, stop = "\\'81@", "\\'a1\\'a3"  # 丂, whose second byte is a letter
    source = (
        r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 x;}{\f1\fcharset0 Arial;}}"
        rf"\uc1\pard\f0 {chinese}{half}83\u21517?{{\super [1]}}\super 2\nosupersub"
        rf"\v x\v0 {stop}\par \f1 6000m{{\super 2}}, H{{\sub 2}}O{{\deleted 7}}{{\v 8}}\par}}"
    )
    assert read_rtf(source.encode("latin-1", "replace"))["text"] == (
        "全县共收治丂83名。\n6000m², H₂O\n"
    )


def test_figures_get_no_head_where_cells_are_merged() -> None:
    rows = [["指标", "2022年", "2023年"], ["派驻医师（名）", "83"]]
    assert write_rows(rows) == ["", "指标｜2022年｜2023年", "派驻医师（名）｜83"]
    assert write_rows([*rows[:1], ["派驻医师（名）", "52", "83"]])[1:] == [
        "派驻医师（名）：2022年52名，2023年83名。"
    ]
    assert write_rows([["左栏写了一段话。后面还有一句。", "右栏"]]) == [
        "左栏写了一段话。后面还有一句。",
        "右栏",
    ]


def test_one_process_parses_many_files(tmp_path: Path) -> None:
    timed_process.end_idle()
    read_one(tmp_path, "a.doc", stored(".doc"))
    idle = timed_process._idle[timed_process.MEMORY_BYTES]
    process = idle.get()
    idle.put(process)
    n_files = process.n_files
    read_one(tmp_path, "a.rtf", stored(".rtf"))
    assert process.n_files == n_files + 1
    assert idle.qsize() == 1


def test_a_process_that_dies_or_hangs_is_replaced(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="已损坏"):  # the function raises, which ends the process
        timed_process.run_timed("json:dumps", b"x", "文件", 10)
    with pytest.raises(InputError, match=r"读了 0\.01 秒还没有读完"):
        timed_process.run_timed(
            "data.readers.pages.office.rtf:read_rtf", b"{" * 9_000_000, "", 0.01
        )
    assert read_one(tmp_path, "a.doc", stored(".doc")).text == DOCUMENT


def test_an_open_document_workbook_with_a_password_is_named(tmp_path: Path) -> None:
    def lock(manifest: bytes) -> bytes:
        return manifest.replace(b"</manifest:file-entry>", b"").replace(
            b"</manifest:manifest>", b"<manifest:encryption-data/></manifest:manifest>"
        )

    locked = replace_part(stored(".ods"), "META-INF/manifest.xml", lock)
    problem = read_problem(tmp_path, "a.ods", locked)
    assert (problem.code, "有密码" in problem.message) == ("file_password", True)
