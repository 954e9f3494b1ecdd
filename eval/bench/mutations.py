"""Dirty texts and damaged files, made from sound ones by chance."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
from docx import Document as WordDocument
from openpyxl import Workbook

MAX_REPEATS = 400
MAX_DAMAGES = 4
CUT = 0.1  # how often a damage cuts off the rest
# What pages, mail, tables and careless copying leave in a text, and what patterns look for.
_DIRT = (
    "\x00", "\x0b", "\u200b", "\ufeff", "\ufffd", "\ue5e5", "\u202e", "\u3000", "\xa0", "\r", "\n",
    "\t", "…", "“", "”", "（", "）", "《", "【", "、", "。", "，", ";", "％", "%", "万", "亿", "〇",
    "1", "12.", "(1)", "一、", "①", "第", "2024年", "5月16日", "<p>", "</div>", "&nbsp;", "<!--",
    "|", "---", "> ", "记者", "记者王芳", "据新华社电", "本报讯", "比上年增长", "百分之", "－",
    "～", "😀", "e\u0301", "𠮷", "http://a.cn/",
)  # fmt: skip


def soil(text: str, chance: Random) -> str:
    """Return a text with some stretches repeated, lost, mixed up or put in."""
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((1, 5, 40, 400)))
        before, stretch, behind = text[:start], text[start:end], text[end:]
        changed = (
            "",
            chance.choice(_DIRT) * chance.randint(1, MAX_REPEATS) + stretch,
            stretch * chance.randint(2, 30),
            "".join(chance.sample(stretch, len(stretch))),
            "".join(chance.choices(_DIRT, k=chance.randint(1, 60))) + stretch,
        )
        text = before + chance.choice(changed) + behind
    return text


def damage(content: bytes, chance: Random) -> bytes:
    """Return a file with some bytes changed, lost, repeated or cut off."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, MAX_DAMAGES)):
        start = chance.randrange(len(changed) + 1)
        end = min(len(changed), start + chance.choice((1, 16, 512)))
        stretch = bytes(changed[start:end])
        flipped = bytes(byte ^ 1 << chance.randrange(8) for byte in stretch[:1]) + stretch[1:]
        new = (chance.randbytes(len(stretch)), b"", stretch * chance.randint(2, 20), flipped)
        changed[start:end] = chance.choice(new)
        if chance.random() < CUT:
            del changed[start:]
    return bytes(changed)


def _write_word(text: str) -> bytes:
    document, stream = WordDocument(), io.BytesIO()
    for line in text.splitlines():
        document.add_paragraph(line)
    document.save(stream)
    return stream.getvalue()


def _write_excel(text: str) -> bytes:
    book, stream = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append(["标题", "正文"])
    sheet.append(["题", text])
    book.save(stream)
    return stream.getvalue()


def _write_csv(text: str) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows([["title", "text"], ["题", text]])
    return stream.getvalue().encode("utf-8-sig")


def _write_parquet(text: str) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({"id": ["1"], "text": [text]}), stream)
    return stream.getvalue()


def _write_mail(text: str) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "云岭"
    mail.set_content(text)
    return mail.as_bytes()


def _write_zip(text: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr("一.txt", text)
        members.writestr("二.html", _write_page(text))
    return stream.getvalue()


def _write_page(text: str) -> bytes:
    lines = "".join(f"<p>{line}</p>" for line in text.splitlines())
    return f"<html><head><meta charset='utf-8'></head><body>{lines}</body></html>".encode()


WRITERS: Mapping[str, Callable[[str], bytes]] = {
    ".txt": lambda text: text.encode("gb18030"),
    ".md": str.encode,
    ".html": _write_page,
    ".docx": _write_word,
    ".xlsx": _write_excel,
    ".csv": _write_csv,
    ".jsonl": lambda text: json.dumps({"id": 1, "text": text}, ensure_ascii=False).encode(),
    ".parquet": _write_parquet,
    ".eml": _write_mail,
    ".zip": _write_zip,
}


def make_file(texts: Sequence[str], number: int, seed: int) -> tuple[str, bytes]:
    """Return suffix and content of the damaged file of a number; the same for the same seed."""
    chance = Random(f"{seed} file {number}")  # noqa: S311
    suffix = list(WRITERS)[number % len(WRITERS)]
    return suffix, damage(WRITERS[suffix](chance.choice(texts)), chance)


def make_text(texts: Sequence[str], number: int, seed: int) -> str:
    """Return the dirty text of a number; the same for the same seed."""
    chance = Random(f"{seed} text {number}")  # noqa: S311
    return soil(chance.choice(texts), chance)
