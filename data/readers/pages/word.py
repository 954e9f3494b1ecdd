"""DOCX: paragraphs and tables in the order of the text, text boxes where they are anchored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from data.readers.document import Document, parsing
from data.readers.items import Item
from data.readers.packages import check_package
from model import Article

MAX_UNPACKED_BYTES = 256 << 20
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Fallback repeats a text box for old programs; the others were deleted or are no text.
_SKIPPED = {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    f"{_W}moveFrom",
    f"{_W}del",
    f"{_W}instrText",
}
_BREAKS = {f"{_W}p": "\n", f"{_W}tr": "\n", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": " "}


def read_docx(document: Document) -> Iterator[Item]:
    """Read one article.

    Raises:
        InputError: it is no Word document or too large, or its text is no article.
    """
    import docx

    stream = document.read_seekable()
    check_package(stream, MAX_UNPACKED_BYTES)
    with parsing("Word 文档"):
        package = docx.Document(stream)
        text = "".join(_pieces(package.element.body))
        title = (package.core_properties.title or "").strip()
    yield Article.from_raw(
        text,
        id=document.id,
        title=title if title and title in text else "",  # Word keeps the titles of templates
        source=document.source,
    )


def _pieces(body: Any) -> Iterator[str]:
    """Walk the body; `Paragraph.text` would leave out inserted text, fields and text boxes."""
    from lxml.etree import iterwalk

    walker = iterwalk(body, events=("start", "end"))
    for event, element in walker:
        if event == "start" and element.tag in _SKIPPED:
            walker.skip_subtree()
        elif event == "start" and element.tag == f"{_W}t":
            yield element.text or ""
        elif event == "end":
            yield _BREAKS.get(element.tag, "")
