"""Builds a file of every format with one article in it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable

import docx
import openpyxl
import pyarrow as pa
from pyarrow import parquet
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

TEXT = "县人民医院的大夫每周二到镇卫生院坐诊，今年共看了三百多位病人。"
FONT = "STSong-Light"
PAGE = (600, 800)

Line = tuple[float, float, float, str]


def make_text(text: str = TEXT) -> bytes:
    return text.encode()


def make_html(text: str = TEXT) -> bytes:
    body = f"<!DOCTYPE html><html><head><meta charset='utf-8'></head><body><p>{text}</p></body>"
    return body.encode()


def make_docx(text: str = TEXT) -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    return save(document.save)


def make_xlsx(text: str = TEXT) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["编号", "正文"])
    book.active.append([7, text])
    return save(book.save)


def make_csv(text: str = TEXT) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows([["编号", "正文"], ["7", text]])
    return stream.getvalue().encode()


def make_jsonl(text: str = TEXT) -> bytes:
    return json.dumps({"id": 7, "text": text}, ensure_ascii=False).encode() + b"\n"


def make_parquet(text: str = TEXT) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.table({"id": [7], "text": [text]}), stream)
    return stream.getvalue()


def make_pdf(text: str = TEXT) -> bytes:
    return draw_pdf([[(50, 750, 12, text)]])


def make_zip(text: str = TEXT) -> bytes:
    return zip_files({"a.txt": text.encode()})


MAKERS: dict[str, Callable[..., bytes]] = {
    ".txt": make_text, ".md": make_text, ".html": make_html, ".docx": make_docx,
    ".pdf": make_pdf, ".csv": make_csv, ".xlsx": make_xlsx, ".jsonl": make_jsonl,
    ".parquet": make_parquet, ".zip": make_zip,
}  # fmt: skip


def save(write: Callable[[io.BytesIO], object]) -> bytes:
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


def zip_files(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def replace_part(package: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return an Office document with one part changed."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    return zip_files({**parts, name: change(parts[name])})


def draw_pdf(pages: list[list[Line]], password: str = "", title: str = "") -> bytes:
    """Draw lines, each given by the place of its first character from below, and its height."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    stream = io.BytesIO()
    canvas = Canvas(
        stream, pagesize=PAGE, encrypt=StandardEncryption(password) if password else None
    )
    canvas.setTitle(title)
    for lines in pages:
        for x, y, size, text in lines:
            canvas.setFont(FONT, size)
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def set_column(paragraphs: list[str], x: float, y: float, per_line: int) -> list[Line]:
    """Set paragraphs, each with an indent of two characters, in lines of so many."""
    lines: list[Line] = []
    for paragraph in paragraphs:
        rest, indent = paragraph, 2
        while rest:
            lines.append((x + 10 * indent, y - 15 * len(lines), 10, rest[: per_line - indent]))
            rest, indent = rest[per_line - indent :], 0
    return lines


def flow(lines: list[Line], xs: list[float], y: float) -> list[Line]:
    """Break one long column into several of the same height, at `xs`."""
    height = -(-len(lines) // len(xs))
    left = min(x for x, *_ in lines)
    return [
        (xs[at // height] + x - left, y - 15 * (at % height), size, text)
        for at, (x, _, size, text) in enumerate(lines)
    ]
