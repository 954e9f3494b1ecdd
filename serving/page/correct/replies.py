"""Replies to the view of 校正: an article with the queue, its history, a file of labels, an error.

The view tells replies apart by `kind`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from data.labelled import LabelledFigure, LabelledSentence
from serving.corrections.article_log import ArticleState
from serving.corrections.changes import FigureChange, show_value
from serving.corrections.own_themes import ThemeProgress
from serving.corrections.review import Waiting, source_name


@dataclass(frozen=True)
class ShownSentence:
    """A sentence with its themes; `key` where it belongs to the summary."""

    start: int
    end: int
    themes: tuple[str, ...]
    borderline: tuple[str, ...]
    key: bool


@dataclass(frozen=True)
class ShownFigure:
    """A figure as its form shows it: value and year are text."""

    start: int
    end: int
    indicator: str
    value: str
    unit: str
    kind: str
    bound: str
    year: str
    body: str
    base: str
    official: str


@dataclass(frozen=True)
class ShownArticle:
    """An article as it stands, its labels and the scores of the model; `at` is ISO time."""

    document: int
    number: int
    done: bool
    by: str
    at: str | None
    notice: str
    title: str
    date: str | None
    source: str
    text: str
    model: str
    scores: Mapping[str, float]
    review: tuple[str, ...]
    themes: tuple[str, ...]
    borderline: tuple[str, ...]
    primary: str | None
    sentences: tuple[ShownSentence, ...]
    figures: tuple[ShownFigure, ...]


@dataclass(frozen=True)
class ArticleReply:
    """An article and the queue; `state` is None where nothing waits.

    `pick` is the place of the figure to open, `draft` a figure that people have to fill in, `own`
    how far themes are that people made and the model does not know yet.
    """

    state: ShownArticle | None
    queued: bool
    left: int
    waiting: tuple[Waiting, ...]
    pick: tuple[int, int] | None = None
    draft: ShownFigure | None = None
    own: tuple[ThemeProgress, ...] = ()
    kind: Literal["article"] = "article"


@dataclass(frozen=True)
class ShownEvent:
    """One change of an article: by whom, when (ISO time), what."""

    by: str
    at: str
    what: str


@dataclass(frozen=True)
class HistoryReply:
    """Every change of an article, the first one first."""

    history: tuple[ShownEvent, ...]
    kind: Literal["history"] = "history"


@dataclass(frozen=True)
class PeopleReply:
    """Who has labelled, and how many articles are accepted and how many changed only."""

    people: tuple[str, ...]
    accepted: int
    open: int
    kind: Literal["people"] = "people"


@dataclass(frozen=True)
class ExportReply:
    """A file of labels, its content in base64, and how many articles are in it."""

    file: Mapping[str, str]
    count: int
    kind: Literal["export"] = "export"


@dataclass(frozen=True)
class ErrorReply:
    """Why nothing was done, in Chinese; after a conflict with the article as it stands now."""

    error: str
    state: ShownArticle | None = None
    kind: Literal["error"] = "error"


Reply = ArticleReply | HistoryReply | PeopleReply | ExportReply | ErrorReply
_REPLIES: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="kind")])


def to_json(reply: Reply, themes: Mapping[str, str]) -> dict[str, Any]:
    """Return a reply as JSON, with the themes that can be labelled by now."""
    return {**_REPLIES.dump_python(reply, mode="json"), "themes": dict(themes)}


def show_article(state: ArticleState) -> ShownArticle:
    """Return an article for the view."""
    labelled = state.labelled
    return ShownArticle(
        document=state.document,
        number=state.number,
        done=state.done,
        by=state.by,
        at=state.at.isoformat() if state.at else None,
        notice=state.notice,
        title=labelled.title,
        date=labelled.date,
        source=source_name(labelled.source),
        text=labelled.text,
        model=state.answer.model,
        scores=dict(state.answer.scores),
        review=tuple(state.answer.review),
        themes=tuple(sorted(labelled.themes)),
        borderline=tuple(sorted(labelled.borderline)),
        primary=labelled.primary,
        sentences=tuple(map(_show_sentence, labelled.sentences or ())),
        figures=tuple(map(show_figure, labelled.figures or ())),
    )


def show_figure(figure: LabelledFigure | FigureChange) -> ShownFigure:
    """Return a figure for its form."""
    value, year = figure.value, figure.year
    return ShownFigure(
        start=figure.start,
        end=figure.end,
        indicator=figure.indicator,
        value=value if isinstance(value, str) else show_value(value),
        unit=figure.unit,
        kind=figure.kind,
        bound=figure.bound,
        year="" if year is None else str(year),
        body=figure.body or "",
        base=figure.base or "",
        official=figure.official or "",
    )


def _show_sentence(sentence: LabelledSentence) -> ShownSentence:
    return ShownSentence(
        sentence.start,
        sentence.end,
        tuple(sorted(sentence.themes)),
        tuple(sorted(sentence.borderline)),
        sentence.key,
    )
