"""Table rows: figures of a line that a reader of files made of a table's row.

`城关镇：签约人数12000人，签约率82.3%。` has a body before the colon and a measure in each cell;
`床位：云岭县520张，清河县480张。` a measure before it and bodies in the cells; `签约率：目标80%。`
a measure alone. Prose of that form says the same.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace

from model.article import Article
from model.report import Figure
from model.spans import Span

MAX_HEAD_CHARS = 24
_HEAD = re.compile(r"(?P<name>[^，。；：！？\n]{2,24}?)(?:（[^（）]{1,8}）)?：")
_CELL_START = re.compile(r"[，：]")
# What a cell's head may say beside when: that the value was planned or reached.
_PLANNED = re.compile(
    r"(?:年度|任务|计划|规划|预期)?(?:目标|计划|规划|任务|预期)(?:值|数|要求)?：?"
)
_REACHED = re.compile(r"(?:实际|完成|现状|达到|实现|本期|当期)(?:值|数|情况)?：?")
_BODY = re.compile(
    r"[\u4e00-\u9fff]{1,14}(?:[省市县区镇乡州旗村]|街道|社区|医院|卫生院|中心|卫生室|服务站|总院|分院|院区|集团|医共体|公司)"
)
_PLACE_ENDS = (*"省市县区镇乡州旗村", "街道")
# These count houses: the name beside them is what is counted, not whose it is.
_OF_HOUSES = frozenset({"个", "家", "所", "间"})


@dataclass(frozen=True)
class _Cell:
    """The row's head and the cell's own, as spans of the text."""

    head: Span
    own: Span


def read_table_rows(article: Article, figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """Return the figures, those of table rows with what the heads of row and cell say."""
    return tuple(_read(article, figure) for figure in figures)


def _read(article: Article, figure: Figure) -> Figure:
    cell = _find_cell(article, figure)
    if cell is None:
        return figure
    head, own = cell.head.of(article.text), cell.own.of(article.text)
    if _PLANNED.fullmatch(own) or _REACHED.fullmatch(own):
        kind = "target" if _PLANNED.fullmatch(own) else "level"
        return replace(figure, indicator=head, kind=kind)
    is_measured = figure.unit not in _OF_HOUSES or own.endswith(_PLACE_ENDS)
    if is_measured and _BODY.fullmatch(own) and not _BODY.fullmatch(head):
        return replace(figure, indicator=head, body=own)
    if _BODY.fullmatch(head) and own:
        return replace(figure, body=head)
    return figure


def _find_cell(article: Article, figure: Figure) -> _Cell | None:
    """Return the heads of a figure that is all of a cell behind its head, else None."""
    text, sentences = article.text, article.sentences
    number = bisect_right(sentences, figure.span.start, key=lambda sentence: sentence.end)
    sentence = sentences[number] if number < len(sentences) else None
    row = sentence and _HEAD.match(text, sentence.start, sentence.end)
    if sentence is None or not row or row.end() > figure.span.start:
        return None
    if text[figure.span.end : figure.span.end + 1] not in ("，", "。", "；", "\n", ""):
        return None
    starts = [m.end() for m in _CELL_START.finditer(text, row.end() - 1, figure.span.start)]
    own = Span(starts[-1], figure.span.start)
    if text[own.start - 1] == "：" and len(starts) > 1:  # `目标值：≥80%`
        own = Span(starts[-2], own.start - 1)
    return _Cell(Span(*row.span("name")), own)
