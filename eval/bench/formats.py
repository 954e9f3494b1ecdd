"""Formats: one article in twelve of them, and a hundred damaged files.

usage: python -m eval.bench.formats [--broken 100] [--seed 0] [--keep FOLDER]

LibreOffice (`soffice`) writes what Office would; mails and saved pages are written by hand. `.wps`
and `.et` are Microsoft's formats under WPS's names, as WPS writes them by default. The title stands
in the text of some formats and apart in others; the head of figures reads it with the text, so that
names of indicators may differ between the two, and each is compared with its own. Ends with status
1 if a report differs, or a damaged file gives anything but an article or a message in Chinese.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from random import Random
from shutil import which
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from docx import Document
from openpyxl import Workbook
from rich.console import Console
from rich.table import Table

from data.command import run_command
from data.readers import Problem, read_file
from eval.bench.mutations import damage
from model import Analyzer, Article, InputError, Report

EXAMPLE = Path(__file__).parents[2] / "serving" / "page" / "examples" / "医共体.txt"
OFFICE = "soffice"
_WAIT_S = 180
_BY_OFFICE, _RENAMED, _BY_HAND, _BY_LIBRARY = "LibreOffice", "同 {}", "手写", "Python 库"
_FROM_DOCX = {".doc": "doc:MS Word 97", ".rtf": "rtf:Rich Text Format", ".pdf": "pdf"}
_FROM_XLSX = {".xls": "xls:MS Excel 97", ".ods": "ods"}
_TITLE_APART = frozenset({".eml", ".et", ".mht", ".mhtml", ".ods", ".xls", ".xlsx"})
_SAME_AS = {".wps": ".doc", ".et": ".xls", ".mht": ".mhtml"}


@dataclass(frozen=True)
class Story:
    """An article in parts."""

    title: str
    date: str
    lines: tuple[str, ...]

    @classmethod
    def load(cls, path: Path) -> Story:
        """Take an article apart that Yiwen itself reads from plain text."""
        article = Article.from_raw(path.read_text("utf-8"))
        lines = [line for line in article.text.split("\n") if line != article.title]
        return cls(article.title, article.date, tuple(lines))

    def to_article(self, *, title_apart: bool) -> Article:
        """Return the article, its title in the text or apart."""
        if title_apart:
            return Article.from_raw("\n".join(self.lines), title=self.title, date=self.date)
        return Article.from_raw("\n".join((self.title, self.date, *self.lines)))


@dataclass
class FormatResult:
    """What became of a format; `differs` names the parts of the report that are not the same."""

    suffix: str
    made_by: str
    differs: tuple[str, ...]
    n_read: int = 0
    n_refused: int = 0
    n_crashed: int = 0


def make_files(story: Story, folder: Path) -> dict[str, tuple[bytes, str]]:
    """Return content and maker of a file of each format, by suffix.

    Raises:
        InputError: LibreOffice is not installed.
    """
    if which(OFFICE) is None:
        raise InputError(f"没有 LibreOffice（{OFFICE}），做不出旧格式的文件")
    document, book = folder / "a.docx", folder / "a.xlsx"
    _write_document(story, document)
    _write_book(story, book)
    files = {
        ".docx": (document.read_bytes(), _BY_LIBRARY),
        ".xlsx": (book.read_bytes(), _BY_LIBRARY),
        ".eml": (_write_mail(story), _BY_HAND),
        ".mhtml": (_write_saved_page(story), _BY_HAND),
    }
    for source, kinds in ((document, _FROM_DOCX), (book, _FROM_XLSX)):
        for suffix, kind in kinds.items():
            files[suffix] = (_convert(source, suffix, kind), _BY_OFFICE)
    for suffix, other in _SAME_AS.items():
        files[suffix] = (files[other][0], _RENAMED.format(other))
    return files


def _write_document(story: Story, path: Path) -> None:
    document = Document()
    document.add_heading(story.title, 0)
    for line in (story.date, *story.lines):
        document.add_paragraph(line)
    document.save(str(path))


def _write_book(story: Story, path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["标题", "日期", "正文"])
    sheet.append([story.title, story.date, "\n".join(story.lines)])
    book.save(path)


def _write_mail(story: Story) -> bytes:
    mail = EmailMessage()
    mail["From"] = "a@example.com"
    mail["Subject"] = story.title
    mail.set_content("\n\n".join((story.date, *story.lines)), charset="gb18030")
    return mail.as_bytes()


def _write_saved_page(story: Story) -> bytes:
    lines = "".join(f"<p>{line}</p>" for line in (story.date, *story.lines))
    body = f"<h1>{story.title}</h1><article>{lines}</article>"
    mail = EmailMessage()
    mail["Subject"] = story.title
    mail["Snapshot-Content-Location"] = "https://example.com/a.html"
    mail.set_content(
        f"<html><head><title>{story.title}</title></head><body>{body}</body></html>",
        subtype="html", charset="utf-8",
    )  # fmt: skip
    mail.add_related(b"\x89PNG", "image", "png")
    return mail.as_bytes()


def _convert(path: Path, suffix: str, kind: str) -> bytes:
    subprocess.run(  # noqa: S603 # a program that the user has installed
        [
            str(which(OFFICE)), f"-env:UserInstallation={(path.parent / 'office').as_uri()}",
            "--headless", "--convert-to", kind, "--outdir", str(path.parent), str(path),
        ],
        capture_output=True, check=True, timeout=_WAIT_S,
    )  # fmt: skip
    return path.with_suffix(suffix).read_bytes()


def compare(report: Report, expected: Report) -> tuple[str, ...]:
    """Name the parts of two reports that are not the same."""
    parts: Mapping[str, Callable[[Report], object]] = {
        "标题": lambda r: r.article.title,
        "日期": lambda r: r.article.date,
        "主题": lambda r: ([theme.theme for theme in r.themes], r.primary, r.review),
        "数字": lambda r: [
            (f.text, f.indicator, f.body, f.value, f.unit, f.kind, f.bound, f.year)
            for f in r.figures
        ],
        "摘要": lambda r: r.summary.text,
    }
    return tuple(name for name, of in parts.items() if of(report) != of(expected))


def _read_sound(path: Path, expected: Report, analyzer: Analyzer) -> tuple[str, ...]:
    items = list(read_file(path, path.name))
    if len(items) != 1 or isinstance(items[0], Problem):
        return tuple(i.message if isinstance(i, Problem) else "多出一篇" for i in items) or ("无",)
    return compare(analyzer.analyze(items[0]), expected)


def _read_broken(path: Path, result: FormatResult, messages: Counter[str]) -> None:
    try:
        items = list(read_file(path, path.name))
    except Exception as error:  # what must never happen is what is counted
        result.n_crashed += 1
        messages[f"！{type(error).__name__}：{error}"] += 1
        return
    problems = [item for item in items if isinstance(item, Problem)]
    messages.update(problem.message for problem in problems)
    is_clear = all(any("\u4e00" <= c <= "\u9fff" for c in p.message) for p in problems)
    if not items or not is_clear:
        result.n_crashed += 1
    elif problems:
        result.n_refused += 1
    else:
        result.n_read += 1


def make_table(results: Iterable[FormatResult]) -> Table:
    """Return the results, a row each format."""
    table = Table(title="十二种格式，同一篇文章；坏文件")
    for column in ("格式", "做法", "报告", "坏：仍读出", "坏：说明原因", "坏：出错"):
        table.add_column(column)
    for one in results:
        report = "不同：" + "、".join(one.differs) if one.differs else "相同"
        counts = map(str, (one.n_read, one.n_refused, one.n_crashed))
        table.add_row(one.suffix, one.made_by, report, *counts)
    return table


def measure(
    broken: Annotated[int, typer.Option(help="坏文件的个数")] = 100,
    seed: Annotated[int, typer.Option(help="坏文件的种子")] = 0,
    keep: Annotated[Path | None, typer.Option(help="把文件留在这个文件夹")] = None,
) -> None:
    """Read twelve sound files and many damaged ones; print what became of them."""
    console = Console()
    analyzer = Analyzer.load()
    story = Story.load(EXAMPLE)
    chance = Random(seed)  # noqa: S311
    messages: Counter[str] = Counter()
    with TemporaryDirectory() as scratch:
        folder = keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        files = make_files(story, folder)
        expected = {
            is_apart: analyzer.analyze(story.to_article(title_apart=is_apart))
            for is_apart in (False, True)
        }
        results = {}
        for suffix, (content, made_by) in sorted(files.items()):
            path = folder / f"好{suffix}"
            path.write_bytes(content)
            differs = _read_sound(path, expected[suffix in _TITLE_APART], analyzer)
            results[suffix] = FormatResult(suffix, made_by, differs)
        for number in range(broken):
            suffix = sorted(files)[number % len(files)]
            path = folder / f"坏{number}{suffix}"
            path.write_bytes(damage(files[suffix][0], chance))
            _read_broken(path, results[suffix], messages)
    console.print(make_table(results.values()))
    for message, count in messages.most_common():
        console.print(f"{count:4d}  {message}", markup=False, highlight=False)
    if any(one.differs or one.n_crashed for one in results.values()):
        sys.exit(1)


if __name__ == "__main__":
    run_command(measure)
