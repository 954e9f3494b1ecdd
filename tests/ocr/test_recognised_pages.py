"""Scans with text recognition: pages set in type here and scanned (`make test-ocr`)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from rapidfuzz.distance import Levenshtein
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from data.readers import Item, Problem, list_readable, read_file, read_inputs
from eval.bench.newspaper import PageStyle, Typesetter, scan
from eval.bench.scans import FONTS
from model import Analyzer, Article
from serving.page.uploads import read_upload
from tests.conftest import ARTICLE
from tests.data.readers.make_files import save

pytestmark = pytest.mark.ocr
pytest.importorskip("rapidocr")

STYLE = PageStyle(n_columns=1, size_pt=10.5, column_ems=30, slant=0.8, noise=8, quality=75)
TITLE = "云岭县医共体让小病在镇上看"
PARAGRAPHS = (
    *ARTICLE.split("\n")[3:6],
    "周大爷说，以前看病要坐两个小时的车到县城，现在走十分钟就到了卫生院，药也便宜了不少。",
    "截至2023年底，全县16家乡镇卫生院都有了总院派来的医师，双向转诊3260人次，县域内就诊率达到90.6%。",
    "总院院长介绍，下一步要把影像、检验和心电三个中心的服务送到每一个村，让老人少跑路。",
)


@pytest.fixture(scope="module")
def font() -> Path:
    found = next((path for path in FONTS if path.is_file()), None)
    if found is None:
        pytest.skip("no Chinese font")
    return found


def set_page(font: Path, style: PageStyle = STYLE, paragraphs: Sequence[str] = PARAGRAPHS) -> bytes:
    return scan(Typesetter(font, style).set_page(TITLE, paragraphs), style, 0)


def read(folder: Path, name: str, content: bytes) -> Item:
    path = folder / name
    path.write_bytes(content)
    (item,) = read_file(path, name)
    return item


def read_article(folder: Path, name: str, content: bytes) -> Article:
    item = read(folder, name, content)
    assert isinstance(item, Article), item
    return item


def likeness(article: Article) -> float:
    expected = TITLE + "".join(PARAGRAPHS)
    return Levenshtein.normalized_similarity(expected, "".join(article.text.split()))


def as_pdf(picture: bytes) -> bytes:
    page = ImageReader(io.BytesIO(picture))
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=page.getSize())
    canvas.drawImage(page, 0, 0)
    canvas.save()
    return stream.getvalue()


def change(picture: bytes, how, kind: str = "PNG") -> bytes:
    with Image.open(io.BytesIO(picture)) as image:
        changed = how(image)
        return save(lambda stream: changed.save(stream, kind))


def test_a_page_is_read_with_its_figures(tmp_path: Path, font: Path, analyzer: Analyzer) -> None:
    article = read_article(tmp_path, "a.jpg", set_page(font))
    assert likeness(article) > 0.98
    assert article.title == TITLE
    assert any("扫描件" in warning for warning in article.warnings)
    expected = analyzer.analyze(Article.from_raw("\n".join([TITLE, *PARAGRAPHS])))
    report = analyzer.analyze(article)
    assert report.primary == expected.primary
    right = {f.text for f in expected.figures}
    assert {f.text for f in report.figures if not f.doubtful} <= right
    assert len({f.text for f in report.figures} & right) >= len(right) - 1


@pytest.mark.parametrize("n_columns", [2, 3])
def test_columns_come_in_order(tmp_path: Path, font: Path, n_columns: int) -> None:
    style = replace(STYLE, n_columns=n_columns, column_ems=16)
    article = read_article(tmp_path, "a.jpg", set_page(font, style))
    assert likeness(article) > 0.97
    assert len(article.text.split("\n")) == 1 + len(PARAGRAPHS)


def test_a_pdf_of_scanned_pages_is_read(tmp_path: Path, font: Path) -> None:
    assert likeness(read_article(tmp_path, "a.pdf", as_pdf(set_page(font)))) > 0.97


@pytest.mark.parametrize("degrees", [90, 180])
def test_a_page_that_does_not_stand_upright_is_turned(
    tmp_path: Path, font: Path, degrees: int
) -> None:
    turned = change(set_page(font), lambda image: image.rotate(degrees, expand=True))
    assert likeness(read_article(tmp_path, "a.png", turned)) > 0.97


def test_pages_of_one_file_are_one_article(tmp_path: Path, font: Path) -> None:
    def pages(stream: io.BytesIO) -> None:
        parts = (PARAGRAPHS[:2], PARAGRAPHS[2:])
        first, second = (Image.open(io.BytesIO(set_page(font, paragraphs=part))) for part in parts)
        first.save(stream, "TIFF", save_all=True, append_images=[second])

    article = read_article(tmp_path, "a.tif", save(pages))
    assert "3260人次" in article.text
    assert article.text.index(PARAGRAPHS[1][:6]) < article.text.index("3260人次")


def test_a_wrong_figure_of_a_bad_scan_is_never_unmarked(
    tmp_path: Path, font: Path, analyzer: Analyzer
) -> None:
    def spoil(image: Image.Image) -> Image.Image:
        small = image.resize((image.width * 28 // 100, image.height * 28 // 100))
        return small.filter(ImageFilter.GaussianBlur(0.6)).resize(image.size)

    item = read(tmp_path, "a.png", change(set_page(font), spoil))
    if isinstance(item, Problem):
        return
    printed = TITLE + "".join(PARAGRAPHS)
    figures = analyzer.analyze(item).figures
    assert all(figure.doubtful for figure in figures if figure.text not in printed)
    assert any(figure.doubtful for figure in figures)


def test_pictures_of_a_folder_are_read_and_damaged_ones_named(tmp_path: Path, font: Path) -> None:
    (tmp_path / "a.png").write_bytes(change(set_page(font), lambda image: image))
    (tmp_path / "b.jpg").write_bytes(set_page(font)[:400])
    (tmp_path / "c.png").write_bytes(
        save(lambda stream: Image.new("RGB", (60, 60)).save(stream, "PNG"))
    )
    (tmp_path / "d.png").write_bytes(
        save(lambda stream: Image.new("RGB", (600, 800), "white").save(stream, "PNG"))
    )
    article, *problems = read_inputs([str(tmp_path)])
    assert isinstance(article, Article)
    assert [problem.code for problem in problems if isinstance(problem, Problem)] == [
        "scan_damaged", "scan_too_small", "scan_no_words",
    ]  # fmt: skip
    assert ".png" in list_readable()


def test_the_page_takes_a_picture(tmp_path: Path, font: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(set_page(font))
    (article,) = read_upload(path).articles
    assert likeness(article) > 0.97
