"""PDF: lines of mixed fonts, vertical text, watermarks, running heads, several articles."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from data.readers import read_file
from data.readers.pages.pdf.chars import Watermarks, read_segments
from model import Article
from tests.data.readers.make_files import FONT, PAGE
from tests.data.readers.test_web_pages import ALL, FIRST, LAST, THIRD, TITLE

OTHER_TITLE = "白河市机械厂评出好工匠"
OTHER = ["白河市机械厂去年评出好工匠五十二名，车间里的新设备都由他们调试。", "厂里还要扩建生产线。"]
Draw = Callable[[Canvas], None]


def read_article(folder: Path, pages: list[list[Draw]]) -> Article:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=PAGE)
    for page in pages:
        for draw in page:
            draw(canvas)
        canvas.showPage()
    canvas.save()
    (folder / "a.pdf").write_bytes(stream.getvalue())
    (article,) = read_file(folder / "a.pdf", "a.pdf")
    assert isinstance(article, Article), article
    return article


def line(x: float, y: float, text: str, size: float = 10) -> Draw:
    """Set ASCII in a font whose characters sit lower, as Word and Chrome do."""

    def draw(canvas: Canvas) -> None:
        at = x
        for char in text:
            font = "Times-Roman" if char.isascii() else FONT
            canvas.setFont(font, size)
            canvas.drawString(at, y - (0.22 * size if char.isascii() else 0), char)
            at += pdfmetrics.stringWidth(char, font, size)

    return draw


def paragraphs(
    texts: list[str], x: float, y: float, per_line: float, step: float = 16
) -> list[Draw]:
    """Set paragraphs in lines as wide as so many characters; a number is not broken."""
    drawn, at = [], y
    for text in texts:
        start, width, begin = 0, 2.0, 0
        pieces = []
        for i, char in enumerate(text):
            width += 0.5 if char.isascii() else 1.0
            if not (char.isascii() and i and text[i - 1].isascii()):
                begin = i
            if width > per_line:
                pieces.append(text[start:begin])
                start, width = begin, sum(0.5 if c.isascii() else 1.0 for c in text[begin : i + 1])
        for n, piece in enumerate([*pieces, text[start:]]):
            drawn.append(line(x + (0 if n else 20), at, piece))
            at -= step
    return drawn


@pytest.mark.parametrize("per_line", [14, 18.5, 23, 30])
def test_row_46_lines_with_digits_join_lines_without(tmp_path: Path, per_line: float) -> None:
    article = read_article(tmp_path, [paragraphs(ALL, 50, 700, per_line)])
    assert article.text.split("\n") == ALL


def test_row_48_two_articles_on_a_page_are_said(tmp_path: Path) -> None:
    page = [
        line(40, 740, TITLE, 20), *paragraphs(ALL, 40, 700, 22),
        line(320, 740, OTHER_TITLE, 18), *paragraphs(OTHER * 3, 320, 700, 22),
    ]  # fmt: skip
    article = read_article(tmp_path, [page])
    assert f"“{TITLE}”“{OTHER_TITLE}”" in article.warnings[0]
    assert article.text.split("\n")[1:5] == ALL


def test_row_48_a_headline_and_subheads_are_one_article(tmp_path: Path) -> None:
    page = [
        line(40, 740, TITLE, 24), *paragraphs(ALL[:2], 40, 700, 40),
        line(40, 560, "药房开到村口老人家门前", 14), *paragraphs(ALL[2:], 40, 540, 20),
    ]  # fmt: skip
    assert read_article(tmp_path, [page]).warnings == ()


def test_row_49_vertical_text_is_read_and_said(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, 10)
        x = 500
        for text in ALL:
            rest, indent = text, 2
            while rest:
                for i, char in enumerate(rest[: 23 - indent]):
                    canvas.drawString(x, 700 - 10 * (i + indent), char)
                rest, indent = rest[23 - indent :], 0
                x -= 16

    article = read_article(tmp_path, [[draw]])
    assert article.text.split("\n") == ALL
    assert "竖排" in article.warnings[0]


def test_row_49_signs_for_vertical_text_become_the_usual_ones() -> None:
    box = {"x0": 500, "x1": 510, "size": 10, "upright": True, "fontname": "F"}
    chars = [
        {**box, "text": char, "top": 10 * i, "bottom": 10 * i + 10, "matrix": (1, 0, 0, 1, 500, 0)}
        for i, char in enumerate(FIRST.translate(str.maketrans("。，", "︒︐")))
    ]
    assert [s.text for s in read_segments(chars, 600, Watermarks())] == [FIRST]


def mark(
    x: float, y: float, text: str, step: tuple[float, float], size: float, grey: float
) -> Draw:
    """Set letters upright, each beside and below the one before."""

    def draw(canvas: Canvas) -> None:
        canvas.saveState()
        canvas.setFillGray(grey)
        canvas.setFont(FONT, size)
        for i, char in enumerate(text):
            canvas.drawString(x + step[0] * i, y - step[1] * i, char)
        canvas.restoreState()

    return draw


def turned(x: float, y: float, text: str, size: float) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.saveState()
        canvas.translate(x, y)
        canvas.rotate(35)
        canvas.setFont(FONT, size)
        canvas.drawString(0, 0, text)
        canvas.restoreState()

    return draw


WATERMARKS = {
    "large": mark(70, 700, "内部资料请勿外传", (30, 12), 36, 0.8),
    "as large as the text": mark(80, 702, "内部资料请勿外传", (22, 9), 10, 0.7),
    "black": mark(70, 700, "内部资料请勿外传", (26, 14), 28, 0),
    "on a line": mark(60, 680, "内部资料请勿外传", (34, 0), 30, 0.85),
    "turned": turned(100, 600, "内部资料请勿外传", 40),
}


@pytest.mark.parametrize("name", WATERMARKS)
@pytest.mark.parametrize("is_first", [True, False])
def test_row_52_watermarks_stay_out(tmp_path: Path, name: str, is_first: bool) -> None:
    text = paragraphs(ALL, 50, 700, 30)
    page = [WATERMARKS[name], *text] if is_first else [*text, WATERMARKS[name]]
    assert read_article(tmp_path, [page]).text.split("\n") == ALL


def test_row_53_running_heads_and_feet(tmp_path: Path) -> None:
    pages = [
        [
            line(50, 770, f"青川日报 2024年3月5日 星期二 第{n}版", 8),
            *([line(50, 735, TITLE, 18)] if n == 1 else []),
            *paragraphs(ALL, 50, 700, 30),
            line(50, 40, "责编 小青 版式 老川", 8),
            line(260, 24, f"第{n}页 共3页", 8),
        ]
        for n in (1, 2, 3)
    ]
    article = read_article(tmp_path, pages)
    assert article.text.split("\n") == [TITLE, *ALL * 3]
    assert (article.title, article.date) == (TITLE, "2024-03-05")


def test_row_53_what_a_browser_prints_around_a_page(tmp_path: Path) -> None:
    page = [
        line(30, 780, "2026/11/30 10:02"),
        line(260, 780, f"{TITLE}_青川新闻网"),
        line(50, 735, TITLE, 18),
        *paragraphs(ALL, 50, 700, 30),
        line(30, 20, "https://news.example/2024/a.html?id=7"),
        line(540, 20, "1/1"),
    ]
    assert read_article(tmp_path, [page]).text.split("\n") == [TITLE, *ALL]


def test_row_53_a_repeated_line_of_text_is_no_running_head(tmp_path: Path) -> None:
    pages = [paragraphs([FIRST, f"第{n}家医院", THIRD, LAST], 50, 700, 30) for n in (1, 2)]
    text = read_article(tmp_path, pages).text
    assert [text.count(FIRST), text.count(THIRD), text.count(LAST)] == [2, 2, 2]


def test_row_16_raised_signs(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        at = 50.0
        for text, size, up in [
            ("院区3.2万m", 10, 0), ("2", 7, 4), ("，接诊1.5×10", 10, 0), ("4", 7, 4),
            ("人次", 10, 0), ("[1]", 7, 4), ("，监测H", 10, 0), ("2", 7, -2), ("S。", 10, 0),
        ]:  # fmt: skip
            canvas.setFont(FONT, size)
            canvas.drawString(at, 650 + up, text)
            at += pdfmetrics.stringWidth(text, FONT, size)

    article = read_article(tmp_path, [[*paragraphs([FIRST], 50, 700, 30), draw]])
    assert article.raw.split("\n")[-1] == "院区3.2万m²，接诊1.5×10⁴人次，监测H₂S。"


def test_row_4_a_table_with_rules(tmp_path: Path) -> None:
    """The cells stand so close that only the rules part them."""
    rows = [
        ["指标", "2022年", "2023年"],
        ["医师（名）", "35", "41"],
        ["就诊率（%）", "71.5", "88.2"],
    ]
    xs, ys = [60, 118, 152, 186], [600, 584, 568, 552]

    def rules(canvas: Canvas) -> None:
        canvas.grid(xs, ys)

    cells = [
        line(xs[c] + 2, ys[r + 1] + 4, cell)
        for r, row in enumerate(rows)
        for c, cell in enumerate(row)
    ]
    article = read_article(tmp_path, [[*paragraphs([FIRST], 50, 700, 30), rules, *cells]])
    want = ["医师（名）：2022年35名，2023年41名。", "就诊率（%）：2022年71.5%，2023年88.2%。"]
    assert article.raw.split("\n") == [FIRST, *want]
