"""Markup in what should be plain text: HTML, Markdown and mail, pasted or in a column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import unescape
from itertools import islice

from data.readers.hints import LineNote, place_notes, read_notes
from data.readers.items import with_warning
from data.readers.mail import strip_mail
from data.readers.markdown import is_markdown, strip_markdown
from data.readers.pages.web.page import MAX_BYTES_HERE, read_fragment, read_page
from data.readers.pasted_tables import name_cells
from model import Article
from model.cleaning.heading import parse_date

_PAGE = re.compile(
    r"(?:<\?xml[^>]{0,200}>\s{0,9})?<(?:!doctype\s{1,9}html|html)[\s>]", re.IGNORECASE
)
_BLOCK_NAMES = (
    "p|div|br|section|article|table|tbody|thead|tr|td|th|li|ul|ol|dl|dt|dd|h[1-6]|blockquote"
    "|center|pre|hr|body|main"
)
_BLOCK = re.compile(rf"</?(?:{_BLOCK_NAMES})(?:[\s/][^<>]{{0,2000}})?>", re.IGNORECASE)
_TAG = re.compile(
    rf"</?(?:{_BLOCK_NAMES}|span|strong|b|i|em|u|font|a|img|sup|sub|small|label|figure|video)"
    r"(?:[\s/][^<>]{0,2000})?>",
    re.IGNORECASE,
)
_MIN_TAGS = 2
_ENTITY = re.compile(
    r"&(?:nbsp|[lr][ds]quo|[mn]dash|hellip|middot|bull|emsp|ensp|amp|lt|gt|quot|apos|times|permil"
    r"|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});"
)


@dataclass(frozen=True)
class Plain:
    """A text without markup; title and date are empty where the markup gives none.

    `notes` are what the markup said of lines.
    """

    text: str
    title: str = ""
    date: str = ""
    warning: str = ""
    notes: tuple[LineNote, ...] = ()


def read_article(
    raw: str,
    *,
    id: str | int = "",
    title: str = "",
    date: str = "",
    source: str = "",
    markdown: bool = False,
    notes: Sequence[LineNote] = (),
) -> Article:
    """Make an article of a text that may hold markup.

    Args:
        raw: the text as pasted or read.
        id: carried into the report as it is.
        title: wins over one that the markup or the text gives; so does `date`.
        date: see `title`.
        source: where the text is from.
        markdown: the text is in Markdown, however few marks it has.
        notes: what the file that it is from says of its lines.

    Raises:
        InputError: the text without markup is no article.
    """
    plain = strip_markup(raw, markdown=markdown)
    article = Article.from_raw(
        plain.text,
        id=id,
        title=title or plain.title,
        date=date or plain.date,
        source=source,
        hints=place_notes(plain.text, (*notes, *plain.notes)),
    )
    return with_warning(article, plain.warning)


def strip_markup(text: str, *, markdown: bool = False) -> Plain:
    """Return a text without tags, entities, marks and quoting; one without any stays as it is.

    Raises:
        InputError: it is a web page that cannot be read.
    """
    if _PAGE.match(text.lstrip()):
        found = read_page(text)
        notes = read_notes(found["notes"])
        return Plain(found["text"], found["title"], found["date"], found["warning"], notes)
    plain = _strip_html(text)
    mail = None if markdown else strip_mail(plain.text)
    if mail is not None:
        plain = replace(plain, text=mail.text, title=mail.subject)
    if markdown or is_markdown(plain.text):
        read = strip_markdown(plain.text)
        date = read.date if parse_date(read.date) else ""
        title, notes = plain.title or read.title, plain.notes + read.notes
        plain = replace(plain, text=read.text, title=title, date=date, notes=notes)
    return replace(plain, text=name_cells(plain.text))


def _strip_html(text: str) -> Plain:
    notes: tuple[LineNote, ...] = ()
    for _ in range(2):  # tags may be escaped themselves
        if len(list(islice(_TAG.finditer(text), _MIN_TAGS))) >= _MIN_TAGS or _BLOCK.search(text):
            stripped = _strip_tags(text)
            text, notes = stripped.text, notes + stripped.notes
        elif _ENTITY.search(text):
            text = unescape(text)
        else:
            break
    return Plain(text, notes=notes)


def _strip_tags(text: str) -> Plain:
    """Lines stay as they are where they, and not the tags, lay the text out."""
    n_lines = sum(bool(line.strip()) for line in text.split("\n"))
    n_blocks = sum(1 for _ in islice(_BLOCK.finditer(text), n_lines))
    is_by_tags = n_blocks and (text.lstrip().startswith("<") or n_blocks >= n_lines / 2)
    if (
        is_by_tags
        and not is_markdown(text)
        and len(text.encode("utf-8", "replace")) <= MAX_BYTES_HERE
    ):
        found = read_fragment(text)
        return Plain(found["text"], notes=read_notes(found["notes"]))
    return Plain(unescape(_TAG.sub("", _BLOCK.sub("\n", text))))
