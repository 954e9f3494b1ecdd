"""Scans: how well newspaper pages that are set in type here are read, and how fast.

usage: python -m eval.bench.scans [ARTICLES.jsonl[.gz]] [--font FILE] [--keep FOLDER] [--seed 0]

Without a file the pages are set of articles that were written for this project. Needs the extras
`ocr` and `eval`. A figure is wrong where its printed text is not one of the page; it may only
stand in a report if it is marked.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Annotated

import typer
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.table import Table

from data.command import run_command
from data.corpus.annotated import read_corpus
from data.corpus.loader import CORPUS_FOLDER
from data.readers import Problem, read_file
from eval.bench.newspaper import PageStyle, Typesetter, scan, ten_styles
from model import Analyzer, Article
from model.analyzer import DEFAULT_MODEL
from model.manifest import Manifest

FONTS = (
    Path("/usr/share/fonts/truetype/arphic/uming.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
)
# So much text stands in a column.
_CHARS_OF_COLUMN = 500
_MIN_NUMBERS = 8
_PARAGRAPH_CHARS, _HEADLINE_CHARS = 110, 18
_SENTENCE = re.compile(r"[^。！？\n]+(?:[。！？]+[”’）》]*|(?=\n|\Z))")
_HEADLINE = re.compile(r"[，。：；！？]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?%?")
_ORDER_CHARS = 12


@dataclass(frozen=True)
class PageResult:
    """What became of a page.

    Attributes:
        style: how it was set.
        seconds: to read it.
        n_chars: characters of the article, without white space.
        n_wrong_chars: characters to change, add or drop.
        n_numbers: numbers of the article.
        n_right_numbers: those that were read.
        n_paragraphs: of the article.
        n_in_order: those that begin behind the one before.
        n_figures: figures of its report that the report of the article has as well, or should.
        n_right_figures: those that it has.
        n_wrong: figures that the article has not.
        n_wrong_unmarked: those without a mark.
        n_marked: marked figures, right or wrong.
    """

    style: PageStyle
    seconds: float
    n_chars: int
    n_wrong_chars: int
    n_numbers: int
    n_right_numbers: int
    n_paragraphs: int
    n_in_order: int
    n_figures: int
    n_right_figures: int
    n_wrong: int
    n_wrong_unmarked: int
    n_marked: int


def measure_page(analyzer: Analyzer, picture: Path, text: str, style: PageStyle) -> PageResult:
    """Read a picture and compare it with what it was set of.

    Raises:
        RuntimeError: it could not be read.
    """
    start = perf_counter()
    (item,) = read_file(picture, picture.name)
    seconds = perf_counter() - start
    if isinstance(item, Problem):
        raise RuntimeError(item.message)
    expected = Article.from_raw(text)
    found = analyzer.analyze(item)
    wanted = Counter(f.text for f in analyzer.analyze(expected).figures)
    got = Counter(f.text for f in found.figures)
    printed = "".join(expected.text.split())
    wrong = [f for f in found.figures if f.text not in printed]
    numbers = Counter(_NUMBER.findall(expected.text))
    return PageResult(
        style=style,
        seconds=seconds,
        n_chars=len(printed),
        n_wrong_chars=Levenshtein.distance(printed, "".join(item.text.split())),
        n_numbers=numbers.total(),
        n_right_numbers=(numbers & Counter(_NUMBER.findall(item.text))).total(),
        n_paragraphs=len(expected.text.split("\n")),
        n_in_order=_count_in_order(expected.text, item.text),
        n_figures=wanted.total(),
        n_right_figures=(wanted & got).total(),
        n_wrong=len(wrong),
        n_wrong_unmarked=sum(not f.doubtful for f in wrong),
        n_marked=sum(f.doubtful for f in found.figures),
    )


def _count_in_order(expected: str, found: str) -> int:
    """Count paragraphs that begin behind the one before."""
    found = "".join(found.split())
    place, n_in_order = 0, 0
    for paragraph in expected.split("\n"):
        at = found.find("".join(paragraph.split())[:_ORDER_CHARS], place)
        if at >= 0:
            place, n_in_order = at, n_in_order + 1
    return n_in_order


def compose(texts: Iterator[str], n_chars: int) -> tuple[str, list[str]]:
    """Return a headline and paragraphs of so many characters, of texts that are full of numbers."""
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < n_chars:
        text = Article.from_raw(next(texts)).text
        if len(_NUMBER.findall(text)) < _MIN_NUMBERS:
            continue
        paragraph = ""
        for sentence in _SENTENCE.findall(text):
            paragraph += sentence
            if len(paragraph) >= _PARAGRAPH_CHARS:
                paragraphs.append(paragraph)
                paragraph = ""
    return _HEADLINE.split(paragraphs[0], maxsplit=1)[0][:_HEADLINE_CHARS], paragraphs


def _read_texts(path: Path | None) -> Iterator[str]:
    if path is None:
        keys = frozenset(Manifest.load(DEFAULT_MODEL).theme_names)
        yield from (article.text for article in read_corpus(CORPUS_FOLDER, keys))
        return
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def make_table(results: list[PageResult]) -> Table:
    """Return the results, a row each page and one of all."""
    columns = (
        "栏", "字号", "斜", "字数", "字对", "数字", "数字对", "段落顺序", "关键数字对",
        "错而未标", "标待核", "秒",
    )  # fmt: skip
    table = Table(title="排成报纸再扫描的十版")
    for column in columns:
        table.add_column(column, justify="right")
    for one in results:
        head = (str(one.style.n_columns), f"{one.style.size_pt:g}", f"{one.style.slant:+.1f}°")
        table.add_row(*head, *_cells([one]))
    table.add_row("共", "", "", *_cells(results))
    return table


def _cells(results: list[PageResult]) -> tuple[str, ...]:
    def total(name: str) -> int:
        return sum(getattr(one, name) for one in results)

    n_chars = total("n_chars")
    return (
        f"{n_chars:,}",
        f"{1 - total('n_wrong_chars') / n_chars:.2%}",
        str(total("n_numbers")),
        f"{total('n_right_numbers') / total('n_numbers'):.1%}",
        f"{total('n_in_order')}/{total('n_paragraphs')}",
        f"{total('n_right_figures')}/{total('n_figures')}",
        f"{total('n_wrong_unmarked')}/{total('n_wrong')}",
        str(total("n_marked")),
        f"{sum(one.seconds for one in results) / len(results):.1f}",
    )


def measure(
    articles: Annotated[Path | None, typer.Argument(help="文章，.jsonl 或 .jsonl.gz")] = None,
    font: Annotated[Path | None, typer.Option(help="中文字体文件")] = None,
    keep: Annotated[Path | None, typer.Option(help="把图片留在这个文件夹")] = None,
    seed: Annotated[int, typer.Option(help="斜度、噪点的种子")] = 0,
) -> None:
    """Set ten pages, scan them, read them, print what was read."""
    console = Console()
    face = font or next(path for path in FONTS if path.is_file())
    analyzer = Analyzer.load()
    styles = ten_styles(seed)
    results = []
    with TemporaryDirectory() as scratch:
        folder = keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        texts = _read_texts(articles)
        for number, style in enumerate(styles):
            title, paragraphs = compose(texts, style.n_columns * _CHARS_OF_COLUMN)
            text = "\n".join((title, *paragraphs))
            picture = folder / f"{number + 1}.jpg"
            page = Typesetter(face, style).set_page(title, paragraphs)
            picture.write_bytes(scan(page, style, seed * len(styles) + number))
            picture.with_suffix(".txt").write_text(text, encoding="utf-8")
            results.append(measure_page(analyzer, picture, text, style))
    console.print(f"字体 {face.name}")
    console.print(make_table(results))


if __name__ == "__main__":
    run_command(measure)
