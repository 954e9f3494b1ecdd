"""Scans: what is said without text recognition, and what becomes of doubtful numerals.

Tests that recognise text are in `tests/ocr` and have a command of their own, `make test-ocr`.
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from data.readers import Item, Problem, list_readable, read_file, read_inputs
from data.readers.pages import timed_process
from data.readers.pages.scans import text as scanned_text
from data.readers.pages.scans.doubt import decode, encode, reserve_signs
from data.readers.pages.scans.recognise import RecognisedLine, RecognisedPage
from model import Analyzer, Article
from model.figures.repeats import merge_repeats
from model.spans import Span
from serving.output.clipboard import figure_rows
from serving.output.tables import figure_row
from tests.conftest import ARTICLE
from tests.data.readers.make_files import PAGE, save

FORMATS = {
    ".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF",
    ".bmp": "BMP", ".webp": "WEBP",
}  # fmt: skip


def read(folder: Path, name: str, content: bytes) -> Item:
    path = folder / name
    path.write_bytes(content)
    (item,) = read_file(path, name)
    return item


def draw_picture(kind: str = "PNG") -> bytes:
    return save(lambda stream: Image.new("RGB", (400, 600), "white").save(stream, kind))


def draw_scanned_pdf(text: str = "") -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=PAGE)
    picture = ImageReader(io.BytesIO(draw_picture()))
    canvas.drawImage(picture, 0, 0, *PAGE)
    canvas.drawString(50, 20, text)
    canvas.save()
    return stream.getvalue()


@pytest.mark.parametrize("suffix", [*FORMATS, ".txt"])
def test_without_the_extra_a_picture_is_told_what_to_install(tmp_path: Path, suffix: str) -> None:
    problem = read(tmp_path, f"a{suffix}", draw_picture(FORMATS.get(suffix, "PNG")))
    assert isinstance(problem, Problem)
    assert problem.code == "ocr_missing"
    assert 'pip install "yiwen[ocr]"' in problem.message


@pytest.mark.parametrize("text", ["", "Scanned by CamScanner"])
def test_without_the_extra_a_scanned_pdf_is_told_too(tmp_path: Path, text: str) -> None:
    problem = read(tmp_path, "a.pdf", draw_scanned_pdf(text))
    assert isinstance(problem, Problem)
    assert problem.code == "file_no_text"
    assert 'pip install "yiwen[ocr]"' in problem.message


def test_without_the_extra_pictures_of_a_folder_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "b.png").write_bytes(draw_picture())
    article, pictures = read_inputs([str(tmp_path)])
    assert isinstance(article, Article)
    assert isinstance(pictures, Problem)
    assert "yiwen[ocr]" in pictures.message
    assert ".png" not in list_readable()


def test_a_gif_is_to_be_saved_as_another_kind(tmp_path: Path) -> None:
    problem = read(tmp_path, "a.gif", draw_picture("GIF"))
    assert isinstance(problem, Problem)
    assert ".png" in problem.message


def set_line(text: str, x0: float, x1: float, top: float) -> RecognisedLine:
    return RecognisedLine(text, (1.0,) * len(text), x0, top, x1, top + 36)


def test_a_line_that_is_spaced_out_to_fill_its_column_stays_in_its_paragraph(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = (
        set_line("去年，总院向乡镇派驻医师八十", 147, 560, 0),
        set_line("三名，双向转诊三千人次，下转病人", 89, 560, 45),
        set_line("比前年增长一半。", 89, 325, 90),
        set_line("县域内就诊率由2021年的", 147, 560, 135),  # the number behind it is not parted
        set_line("82.3%提高到90.6%。", 89, 357, 180),
        set_line("周大爷说，以前看病要坐两个小", 147, 560, 225),
        set_line("时的车到县城。", 89, 300, 270),
    )
    page = RecognisedPage(lines, 650, 0, 0)
    monkeypatch.setattr(scanned_text, "open_pictures", lambda _: [None])
    monkeypatch.setattr(scanned_text, "recognise", lambda _: [page])
    assert scanned_text.read_picture(b"")["text"].split("\n") == [
        "去年，总院向乡镇派驻医师八十三名，双向转诊三千人次，下转病人比前年增长一半。",
        "县域内就诊率由2021年的82.3%提高到90.6%。",
        "周大爷说，以前看病要坐两个小时的车到县城。",
    ]


def test_doubtful_numbers_pass_layout_as_other_signs() -> None:
    text = "2023年83名，约三十万元，占4.5%"
    doubts = [False] * len(text)
    for at in (5, text.index("十"), text.index("5%")):
        doubts[at] = True
    marked = encode(text, doubts)
    assert len(marked) == len(text)
    assert marked.startswith("2023年")
    plain, places = decode(marked)
    assert plain == text
    assert [plain[a:b] for a, b in places] == ["83", "三十万", "4", "5"]


def test_a_doubtful_sign_beside_a_number_makes_it_doubtful() -> None:
    assert decode(encode("率82，3%", [False, False, False, True, False, False]))[1]
    assert not decode(encode("率82。", [True, False, False, True]))[0].startswith("x")
    assert decode(encode("的率82", [True, False, False, False]))[1] == []


def test_signs_of_doubt_in_a_text_are_none() -> None:
    assert reserve_signs("８３" + chr(0xF0000 + ord("三"))) == "83\ufffd"


def test_doubts_keep_their_places_in_the_cleaned_text() -> None:
    raw = "分享到：微信\n" + ARTICLE.replace("2022年", "２０２２ 年")
    at = raw.index("83")
    article = Article.from_raw(raw, doubtful=[Span(at, at + 2)])
    assert [span.of(article.text) for span in article.doubtful] == ["83"]


def mark(number: str) -> Article:
    at = ARTICLE.index(number)
    return Article.from_raw(ARTICLE, doubtful=[Span(at, at + len(number))])


def test_a_doubtful_figure_is_marked_and_has_no_value_in_a_table(analyzer: Analyzer) -> None:
    sure = analyzer.analyze(Article.from_raw(ARTICLE))
    report = analyzer.analyze(mark("83"))
    assert [f.doubtful for f in sure.figures] == [False] * len(sure.figures)
    (doubtful,) = [f for f in report.figures if f.doubtful]
    assert doubtful.text == "83名"
    assert replace(doubtful, doubtful=False) in sure.figures
    assert any("待核" in w and "83名" in w for w in report.warnings)
    (row,) = [figure_row(f) for f in report.to_dict()["figures"] if f["doubtful"]]
    assert (row["原文"], row["数值"]) == ("83名（待核）", None)
    assert any("83名（待核）" in row for row in figure_rows(report))


def test_a_doubtful_year_makes_its_row_doubtful(analyzer: Analyzer) -> None:
    at = ARTICLE.rindex("2021")
    report = analyzer.analyze(Article.from_raw(ARTICLE, doubtful=[Span(at, at + 4)]))
    marked = {f.text: f.year for f in report.figures if f.doubtful}
    assert marked == {"82.3%": 2021}


def test_what_is_told_again_without_doubt_is_sure(analyzer: Analyzer) -> None:
    figure = next(iter(analyzer.analyze(Article.from_raw(ARTICLE)).figures))
    again = replace(figure, sentence=f"{figure.sentence}再说一遍", body=figure.body or "云岭县")
    doubtful = replace(figure, doubtful=True, body=again.body, indicator="派驻医师人数")
    again = replace(again, indicator="派驻医师人数")
    assert [f.doubtful for f in merge_repeats([doubtful, again])] == [False]
    assert [f.doubtful for f in merge_repeats([doubtful, replace(again, doubtful=True)])] == [True]


def test_a_file_that_is_given_up_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[timed_process._ParserProcess] = []

    def give_up(process: timed_process._ParserProcess, *_: object) -> bytes:
        taken.append(process)
        raise KeyboardInterrupt

    monkeypatch.setattr(timed_process._ParserProcess, "parse", give_up)
    with pytest.raises(KeyboardInterrupt):
        timed_process.run_timed("json:loads", b"1", "文件", 5)
    assert taken[0]._process.poll() is not None
