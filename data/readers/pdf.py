"""PDF: the text layer, read by a process of its own that can be stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from data.readers.document import Document
from data.readers.items import Item
from model import Article, InputError

MAX_BYTES = 64 << 20
TIMEOUT_S = 60
_ROOT = Path(__file__).parents[2]
_MESSAGES = {
    "password": "PDF 有密码，请解除密码后再试",
    "no text": "PDF 没有文字层，多半是扫描件；请先用文字识别（OCR）软件转成文字",
    "no characters": "PDF 的文字层没有编码，读出来是乱码；请用文字识别（OCR）软件转成文字",
    "memory": "PDF 解开后太大，未处理；请拆分后再试",
}
_DAMAGED = "PDF 不完整或已损坏，无法打开；请重新下载或另存一份"


def read_pdf(document: Document) -> Iterator[Item]:
    """Read one article.

    Raises:
        InputError: the file is too large, damaged, locked or a scan, or its text is no article.
    """
    found = _run(document.read(MAX_BYTES))
    if "error" in found:
        raise InputError(_MESSAGES.get(found["error"], _DAMAGED))
    yield Article.from_raw(
        found["text"], id=document.id, title=found["title"], source=document.source
    )


def _run(data: bytes) -> dict[str, str]:
    """A page can be drawn by a program that never ends, and unpack without a bound."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "data.pdf_text"],
            input=data,
            capture_output=True,
            timeout=TIMEOUT_S,
            env={**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"PDF 读了 {TIMEOUT_S} 秒还没有读完，未处理；请拆分后再试") from None
    if done.returncode != 0:
        return {"error": "damaged"}
    found: dict[str, str] = json.loads(done.stdout)
    return found
