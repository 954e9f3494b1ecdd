"""MIME: a page saved as one file (.mhtml, .mht), or a mail, by whatever name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message

from data.readers.document import Document, parsing
from data.readers.items import Item, make_article
from data.readers.markup import read_article
from data.readers.pages.timed_process import run_timed
from data.readers.pages.web.page import MAX_BYTES_HERE, TIMEOUT_S, decode_page, read_page
from model import InputError

# Every line is compared with the boundaries of all parts around it.
_MAX_BOUNDARIES = 8
_SITE_TAIL = re.compile(r"[_|].*|\s-\s.*", re.DOTALL)


def read_mime(document: Document) -> Iterator[Item]:
    """Read the page or the text in it as one article.

    Raises:
        InputError: it is too large or damaged, or holds no page and no text.
    """
    data = document.read()
    if len(data) > MAX_BYTES_HERE or data.count(b"boundary") > _MAX_BOUNDARIES:
        parts = run_timed("data.readers.pages.web.mime:find_parts", data, "单文件网页", TIMEOUT_S)
    else:
        with parsing("单文件网页"):
            parts = find_parts(data)
    if parts["html"]:
        found = read_page(parts["html"])
        title = found["title"] or _SITE_TAIL.sub("", parts["subject"]).strip()
        yield make_article(found | {"title": title}, document.id, document.source)
    elif parts["text"]:
        yield read_article(
            parts["text"], id=document.id, title=parts["subject"], source=document.source
        )
    else:
        raise InputError("这是单文件网页（MHTML）或邮件，里面没有网页正文；请另存为 .html 或 .txt")


def find_parts(data: bytes) -> dict[str, str]:
    """Return the first page (`html`), the first plain `text` and the `subject` of a message."""
    message = message_from_bytes(data)
    found = {"html": "", "text": "", "subject": _read_subject(message)}
    for part in message.walk():
        name = {"text/html": "html", "text/plain": "text"}.get(part.get_content_type(), "")
        payload = part.get_payload(decode=True) if name and not found[name] else None
        if isinstance(payload, bytes) and payload.strip():
            found[name] = decode_page(payload)
    return found


def _read_subject(message: Message) -> str:
    try:
        return str(make_header(decode_header(message.get("Subject", "")))).strip()
    except (LookupError, ValueError):
        return ""
