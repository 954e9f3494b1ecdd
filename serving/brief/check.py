"""Check a brief's file: every sentence and number is looked up at its place in the articles.

A Word or HTML file carries the places themselves; Markdown and plain text carry the numbers of
sources, and each clause is looked for in that source.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model import InputError
from serving.brief.entries import KEY_CHARS, MANUAL_MARK, NUMBER, BriefArticle
from serving.brief.word import BOOKMARK, MORE
from serving.output.office import BODY_STYLE

FindArticle = Callable[[str], BriefArticle | None]
_NAME = re.compile(rf"{BOOKMARK}([0-9a-f]{{{KEY_CHARS}}})_(\d+)_(\d+)_\d+")
_DATA = re.compile(r"([0-9a-f]+):(\d+)-(\d+)")
_REFERENCE = re.compile(r"〔(\d+|人工)〕")
_SOURCE = re.compile(rf"^(?:- )?〔(\d+)〕.*编号 ([0-9a-f]{{{KEY_CHARS}}})$", re.M)
_CLAUSE_ENDS = re.compile(r"[，。；：、！？\s“”‘’（）《》]+")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>|#])")
_ORDINAL = re.compile(r"^\s*\d+\. ")
_INTRODUCTIONS = re.compile(rf"^(?:数字不一，请核对：|，另一篇为 |{MORE})")
_SHOWN_CHARS = 40
_MAX_STRETCHES, _MIN_STRETCH = 4, 2
_FIRST_ANNEX = "附表："
_SOURCES_ANNEX = "附：来源"


@dataclass(frozen=True)
class Quotation:
    """A text that claims to stand in an article; `start` is None where its place is not said."""

    text: str
    article: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Checked:
    """What a check found: how much was looked up, what is by hand, faults in Chinese."""

    n_quotations: int
    n_numbers: int
    n_manual: int
    faults: tuple[str, ...]


@dataclass
class _Found:
    """What a file says: quotations, texts outside them, manual marks."""

    quotations: list[Quotation]
    loose: list[str]
    n_manual: int = 0


def check_file(path: Path, find: FindArticle) -> Checked:
    """Look up every quotation and number of a brief.

    Args:
        path: a docx, html, md or txt file that `yiwen brief` made, perhaps edited since.
        find: returns an article by its key.

    Raises:
        InputError: the file is of another kind or cannot be read.
    """
    readers = {".docx": _read_docx, ".html": _read_html, ".md": _read_text, ".txt": _read_text}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"只能查 {'、'.join(readers)} 文件：{path}")
    from docx.opc.exceptions import PackageNotFoundError

    try:
        found = reader(path)
    except (PackageNotFoundError, OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise InputError(f"{path} 读不出（{error!s:.80}）") from None
    faults = [fault for quotation in found.quotations for fault in _check(quotation, find)]
    faults += [
        f"“{number}”没有出处：{_short(text)}"
        for text in found.loose
        for number in NUMBER.findall(text)
    ]
    if not found.quotations and not found.n_manual:
        faults.append("文件里没有带出处的语句；是不是用别的程序另存过？")
    n_numbers = sum(len(NUMBER.findall(quotation.text)) for quotation in found.quotations)
    return Checked(len(found.quotations), n_numbers, found.n_manual, tuple(faults))


def _check(quotation: Quotation, find: FindArticle) -> Iterator[str]:
    article = find(quotation.article)
    if article is None:
        yield f"找不到文章 {quotation.article}：{_short(quotation.text)}"
    elif quotation.start is None:
        for clause in _CLAUSE_ENDS.split(quotation.text):
            if clause and not _is_of(clause, article.text) and clause not in article.title:
                yield f"原文（{article.title:.20}）里没有：{_short(clause)}"
    elif quotation.start == quotation.end:
        if quotation.text != article.title:
            yield f"标题与原文不同：{_short(quotation.text)}"
    elif article.text[quotation.start : quotation.end] != quotation.text:
        yield f"与原文（{article.title:.20}）不同：{_short(quotation.text)}"


def _is_of(clause: str, text: str) -> bool:
    """Whether a clause stands in a text, perhaps with a few stretches left out."""
    at, rest = 0, clause
    for _ in range(_MAX_STRETCHES):
        if rest in text[at:]:
            return True
        sizes = range(len(rest) - 1, _MIN_STRETCH - 1, -1)
        size = next((n for n in sizes if text.find(rest[:n], at) >= 0), 0)
        if not size:
            return False
        at, rest = text.find(rest[:size], at) + size, rest[size:]
    return False


def _read_docx(path: Path) -> _Found:
    from docx import Document
    from docx.oxml.ns import qn

    found = _Found([], [])
    body = Document(str(path)).element.body
    for paragraph in body.iter(qn("w:p")):
        quoted, loose = _split_paragraph(paragraph)
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        is_body = style is not None and style.get(qn("w:val")) == BODY_STYLE
        _take(found, quoted, loose, is_body=is_body)
    return found


def _take(found: _Found, quoted: list[Quotation], loose: str, *, is_body: bool) -> None:
    """Note what a paragraph says; structure (headings, sources) quotes nothing and is passed."""
    n_manual = loose.count(MANUAL_MARK)
    found.n_manual += n_manual
    found.quotations += quoted
    rest = _ORDINAL.sub("", _REFERENCE.sub("", loose))
    if (quoted or is_body) and not n_manual and rest.strip():
        found.loose.append(rest)


def _split_paragraph(paragraph: Any) -> tuple[list[Quotation], str]:
    """Return what stands in our bookmarks, and the rest of a paragraph's text."""
    from docx.oxml.ns import qn

    open_marks: dict[str, Quotation] = {}
    done: list[Quotation] = []
    loose = ""
    for element in paragraph.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"), qn("w:t")):
        number = str(element.get(qn("w:id")))
        if element.tag == qn("w:bookmarkStart"):
            if match := _NAME.fullmatch(str(element.get(qn("w:name")))):
                key, start, end = match.groups()
                open_marks[number] = Quotation("", key, int(start), int(end))
        elif element.tag == qn("w:bookmarkEnd"):
            if number in open_marks:
                done.append(open_marks.pop(number))
        elif open_marks:
            for mark, q in open_marks.items():
                open_marks[mark] = Quotation(q.text + element.text, q.article, q.start, q.end)
        else:
            loose += element.text or ""
    return done, loose


def _read_html(path: Path) -> _Found:
    from lxml import html

    found = _Found([], [])
    root = html.fromstring(path.read_bytes())
    for block in root.iter("p", "h3", "td"):
        quoted = [
            Quotation(span.text_content(), match[1], int(match[2]), int(match[3]))
            for span in block.iter("span")
            if (match := _DATA.fullmatch(span.get("data-yw", "")))
        ]
        loose = block.text_content()
        for quotation in quoted:
            loose = loose.replace(quotation.text, "", 1)
        _take(found, quoted, loose, is_body=block.get("class") == "yw")
    found.quotations += _table_quotations(root.text_content(), _html_rows(root))
    return found


def _html_rows(root: Any) -> list[list[str]]:
    return [[cell.text_content() for cell in row] for row in root.iter("tr")]


def _read_text(path: Path) -> _Found:
    text = _ESCAPED.sub(r"\1", path.read_text(encoding="utf-8-sig"))
    found = _Found([], [])
    keys = dict(_SOURCE.findall(text))
    body = text.split(_FIRST_ANNEX)[0].split(_SOURCES_ANNEX)[0]
    for line in body.splitlines():
        if not _REFERENCE.search(line):
            continue
        *parts, rest = re.split(r"(〔(?:\d+|人工)〕)", line)
        for said, reference in zip(parts[::2], parts[1::2], strict=True):
            if reference == MANUAL_MARK:
                found.n_manual += 1
                continue
            words = _INTRODUCTIONS.sub("", said)
            found.quotations.append(Quotation(words, keys.get(reference.strip("〔〕"), "?")))
        if rest.strip("。 "):
            found.loose.append(rest)
    separator = " | " if path.suffix.lower() == ".md" else "\t"
    rows = [line.split(separator) for line in text.splitlines() if separator in line]
    found.quotations += _table_quotations(text, rows)
    return found


def _table_quotations(text: str, rows: list[list[str]]) -> list[Quotation]:
    """Return the figures of the annex's table; their sources are known by number."""
    keys = dict(re.findall(rf"〔(\d+)〕[^〔]*?编号 ([0-9a-f]{{{KEY_CHARS}}})", text))
    return [
        Quotation(row[3], keys.get(row[-1].strip("〔〕 "), "?"))
        for row in rows
        if len(row) == _N_COLUMNS and _REFERENCE.fullmatch(row[-1].strip())
    ]


_N_COLUMNS = 7


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
