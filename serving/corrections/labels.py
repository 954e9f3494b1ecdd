"""Labels of an article as the store keeps them: from a report, to JSON and back.

A labelled article is on its way here with every sentence listed; what is kept names only the
marked ones, and the rest follows from the text.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Any, TypeVar

import numpy as np
from annotated_types import Len
from pydantic import BaseModel, TypeAdapter, ValidationError

from data.corpus.annotated import BOUNDS, KINDS
from data.labelled import LabelledArticle, LabelledFigure, LabelledSentence
from model import Article, InputError, Span
from model.sentences import split_sentences

_KEPT = {"themes", "borderline", "primary", "sentences", "figures"}
# Cleaning a cleaned text leaves it as it is; a text from elsewhere may take a turn or two.
_MAX_TURNS = 3
# More than any article has; without a limit a few megabytes of marks take minutes.
_MAX_MARKS = 20_000
_MAX_SHARED = 200_000
_TOO_MANY = "报告里的标记太多，远超过正文的句数，未读"
Mark = TypeVar("Mark", LabelledSentence, LabelledFigure)


class _Place(BaseModel):
    start: int
    end: int


_Places = Annotated[list[_Place], Len(0, _MAX_MARKS)]


class _ThemeLine(BaseModel):
    theme: str
    evidence: _Places


class _OfficialLine(BaseModel):
    name: str


class _FigureLine(_Place):
    repeats: _Places = []
    indicator: str
    value: float | tuple[float, ...]
    unit: str
    kind: str
    bound: str
    year: int | None
    body: str | None = None
    base: str | None = None
    official: _OfficialLine | None = None


class _SummaryLine(BaseModel):
    sentences: _Places


class ReportLine(BaseModel):
    """The part of a report that a correction starts from; the names are those of its JSON."""

    id: str | int
    text: str
    title: str | None = None
    date: str | None = None
    source: str | None = None
    themes: Annotated[list[_ThemeLine], Len(0, 1_000)]
    scores: Annotated[dict[str, float], Len(0, 1_000)]
    primary: str | None = None
    review: Annotated[list[str], Len(0, 1_000)]
    figures: Annotated[list[_FigureLine], Len(0, _MAX_MARKS)]
    summary: _SummaryLine
    model: str


@dataclass(frozen=True)
class Answer:
    """What a model said of an article: labels to start from, and how sure it was.

    `labelled.text` is a text that cleaning leaves as it is.
    """

    name: str
    labelled: LabelledArticle
    model: str
    scores: Mapping[str, float] = field(default_factory=dict)
    review: tuple[str, ...] = ()


def is_report(row: object) -> bool:
    """Whether a line of JSON is a report rather than an article to read."""
    return isinstance(row, dict) and {"scores", "model", "figures"} <= row.keys()


def read_report(record: Mapping[str, Any]) -> Answer:
    """Take the labels out of a report as it is in JSON.

    Raises:
        InputError: it is no report, or its text is none that can be read.
    """
    try:
        line = ReportLine.model_validate(record)
        n_places = sum(len(theme.evidence) for theme in line.themes)
        if max(n_places, sum(len(figure.repeats) for figure in line.figures)) > _MAX_MARKS:
            raise InputError(_TOO_MANY)
        given = LabelledArticle(
            id="",
            text=line.text,
            source=line.source or "",
            themes=frozenset(theme.theme for theme in line.themes),
            primary=line.primary,
            title=line.title or "",
            date=line.date or "",
            sentences=tuple(_marks(line)),
            figures=tuple(
                _figure(figure, place, line.text)
                for figure in line.figures
                for place in (figure, *figure.repeats)
            ),
        )
    except ValidationError as error:
        place = "、".join(".".join(map(str, e["loc"])) for e in error.errors()[:3])
        raise InputError(
            f"不是 yiwen tag 写的报告（{place} 不合要求），请给 .jsonl 报告文件"
        ) from None
    return Answer(str(line.id), clean_again(given), line.model, line.scores, tuple(line.review))


def clean_again(given: LabelledArticle) -> LabelledArticle:
    """Clean the text until it stays, move the labels with it, and list every sentence.

    Raises:
        InputError: the text is empty, too short, too long or not Chinese.
    """
    for _ in range(_MAX_TURNS):
        article = Article.from_raw(given.text, title=given.title, date=given.date)
        if article.text == given.text:
            break
        given = replace(
            given,
            text=article.text,
            sentences=tuple(_move(given.sentences or (), article)),
            figures=tuple(_move(given.figures or (), article)),
        )
    sentences = spread_marks(given.text, given.sentences or ())
    return replace(given, title=article.title, date=article.date, sentences=sentences)


def spread_marks(text: str, marks: Iterable[LabelledSentence]) -> tuple[LabelledSentence, ...]:
    """List every sentence of a text with the marks that share half of the shorter of both.

    Raises:
        InputError: there are so many marks over so many sentences that nobody marked them.
    """
    spans = split_sentences(text)
    starts = [span.start for span in spans]
    ends = [span.end for span in spans]
    near: list[list[LabelledSentence]] = [[] for _ in spans]
    n_shared = 0
    for mark in marks:
        touched = range(bisect_right(ends, mark.start), bisect_left(starts, mark.end))
        n_shared += len(touched)
        if n_shared > _MAX_SHARED:
            raise InputError(_TOO_MANY)
        for number in touched:
            near[number].append(mark)
    return tuple(_gather(span, own) for span, own in zip(spans, near, strict=True))


def finish(labelled: LabelledArticle) -> LabelledArticle:
    """Return labels as training takes them.

    Where a theme of the article stands in no sentence, only marked sentences are listed, and the
    others may carry it all the same.
    """
    sentences = labelled.sentences or ()
    carried = frozenset[str]().union(*(s.themes for s in sentences))
    complete = labelled.themes <= carried
    listed = sentences if complete else tuple(s for s in sentences if _is_marked(s))
    return replace(labelled, sentences=listed, complete=complete)


def dump_labels(labelled: LabelledArticle) -> str:
    """Return the labels as compact JSON, without the text."""
    marked = tuple(s for s in labelled.sentences or () if _is_marked(s))
    row = _adapter().dump_python(
        replace(labelled, sentences=marked), mode="json", include=_KEPT, exclude_defaults=True
    )
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def load_labels(kept: str, bare: LabelledArticle) -> LabelledArticle:
    """Return an article with the labels that `dump_labels` wrote of it.

    Args:
        kept: the JSON.
        bare: the article; its labels are not looked at.
    """
    own = {name: getattr(bare, name) for name in ("id", "text", "source", "title", "date")}
    labelled = _adapter().validate_python({**own, "figures": (), **json.loads(kept)})
    return replace(labelled, sentences=spread_marks(labelled.text, labelled.sentences or ()))


@cache
def _adapter() -> TypeAdapter[LabelledArticle]:
    return TypeAdapter(LabelledArticle)


def _marks(line: ReportLine) -> list[LabelledSentence]:
    carried = [
        LabelledSentence(at.start, at.end, frozenset({theme.theme}))
        for theme in line.themes
        for at in theme.evidence
    ]
    keys = [LabelledSentence(at.start, at.end, key=True) for at in line.summary.sentences]
    return [*carried, *keys]


def _figure(line: _FigureLine, place: _Place, text: str) -> LabelledFigure:
    if not 0 <= place.start < place.end <= len(text):
        raise InputError(f"报告里的数字不在正文里（{place.start}–{place.end}），报告可能被改动过")
    if line.kind not in KINDS or line.bound not in BOUNDS:
        raise InputError(f"报告里的数字类别读不懂：{line.kind}、{line.bound}")
    value = line.value if isinstance(line.value, tuple) else (line.value,)
    return LabelledFigure(
        place.start, place.end, line.indicator, value, line.unit, line.kind, line.bound, line.year,
        line.body or "", line.base or "", line.official.name if line.official else "",
    )  # fmt: skip


def _gather(span: Span, marks: list[LabelledSentence]) -> LabelledSentence:
    own = [mark for mark in marks if _shares_half(span, mark)]
    themes = frozenset[str]().union(*(mark.themes for mark in own))
    borderline = frozenset[str]().union(*(mark.borderline for mark in own)) - themes
    return LabelledSentence(span.start, span.end, themes, borderline, any(mark.key for mark in own))


def _shares_half(span: Span, mark: LabelledSentence) -> bool:
    shared = min(span.end, mark.end) - max(span.start, mark.start)
    return shared > 0 and shared * 2 >= min(span.end - span.start, mark.end - mark.start)


def _is_marked(sentence: LabelledSentence) -> bool:
    return bool(sentence.themes or sentence.borderline or sentence.key)


def _move(marks: tuple[Mark, ...], article: Article) -> list[Mark]:
    """Move marks from the raw text of an article to its cleaned text; what is gone is dropped."""
    moved = []
    for mark in marks:
        kept = np.flatnonzero(
            (article.offsets[:-1] >= mark.start) & (article.offsets[:-1] < mark.end)
        )
        if len(kept):
            moved.append(replace(mark, start=int(kept[0]), end=int(kept[-1]) + 1))
    return moved
