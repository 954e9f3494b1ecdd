"""Seams: captions and titles glued to the text of a line that has lost its breaks.

A seam is placed only where what is glued shows itself: a caption by who gave the picture, a title
by the agency's dateline behind it.
"""

from __future__ import annotations

import re

from model.cleaning.characters import HAN
from model.outline.shape import Line, read_line
from model.spans import Span

_GIVEN = r"(?:供图|资料图片?|资料照片)(?![书库像纸谱])"
# `……开展节电宣传。某某公司供图据了解，……`, `……现场。（某某局供图）某某市……`.
_CAPTION = re.compile(
    rf"(?<=[。！？”])[ ]*(?P<caption>[△▲▼]?(?:[（(][^。！？，：“”（）()\n]{{2,30}}{_GIVEN}[）)]"
    rf"|[^。！？，：“”（）()\n]{{2,30}}(?:(?<!提)供图|[ ]资料图片?)))[ ]*(?=[{HAN}\d“《])"
)
# `某某城盼安全新华社某地4月3日电（记者……`.
_TITLE = re.compile(
    r"(?P<title>[^。！？；\n]{8,40}?)[ ]?(?=(?:新华社|中新[网社]|人民网|光明网|央广网|新华网|本报)"
    rf"[{HAN}]{{0,8}}(?:\d{{1,2}}月)?\d{{1,2}}日[电讯][ ]?[（(])"
)
_SOURCE = re.compile(r"来源|转自|原创稿")


def split_line(line: Line) -> list[tuple[Line, str]]:
    """Return the parts of a paragraph in order, each with its kind; one part where no seam is."""
    pieces: list[tuple[int, int, str]] = []
    at = 0
    title = _TITLE.match(line.text)
    if title:
        kind = "dateline" if _SOURCE.search(title["title"]) else "title"
        pieces.append((*title.span("title"), kind))
        at = title.end()
    for found in _CAPTION.finditer(line.text, at):
        start, end = found.span("caption")
        pieces += [(at, start, "paragraph"), (start, end, "caption")]
        at = end
    pieces.append((at, len(line.text), "paragraph"))
    return [
        (_part(line, start, end), kind)
        for start, end, kind in pieces
        if line.text[start:end].strip()
    ]


def _part(line: Line, start: int, end: int) -> Line:
    words = line.text[start:end]
    start += len(words) - len(words.lstrip())
    words = words.strip()
    at = line.span.start + start
    return read_line(words, Span(at, at + len(words)))
