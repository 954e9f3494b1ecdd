"""The report as the OpenAPI document describes it; what is sent is the JSON of the command line.

Reports may gain keys; a program that reads them passes over those it does not know.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

_GROWS = ConfigDict(extra="allow")


class Place(BaseModel):
    """A stretch of `text`: character offsets, the end exclusive."""

    model_config = _GROWS
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Evidence(Place):
    """A sentence that carries a theme; `speaker` is who says it, as the text names them."""

    text: str
    speaker: str | None


class BlockReport(Place):
    """A block of the page; `level` is that of a heading, `parent` the index of what it is under."""

    kind: str
    level: int
    parent: int | None


class OfficialIndicator(BaseModel):
    """The official indicator that a figure is filed under; `note` says what differs."""

    model_config = _GROWS
    name: str
    match: str
    note: str


class NamedPlace(BaseModel):
    """A place by its code (GB/T 2260); `path` names it from the province down."""

    model_config = _GROWS
    code: str
    name: str
    level: str
    path: list[str]


class BodyReport(BaseModel):
    """An organisation that the article is about, with what else it is called there."""

    model_config = _GROWS
    name: str
    kind: str
    aliases: list[str]
    place: NamedPlace | None


class ThemeReport(BaseModel):
    """A theme of the article; `score` is a calibrated probability."""

    model_config = _GROWS
    theme: str
    name: str
    score: float = Field(ge=0, le=1)
    evidence: list[Evidence]


class FigureReport(Place):
    """A key figure; `value` is a number, or low and high of a range; `body` is whose it is."""

    text: str
    indicator: str
    value: float | list[float]
    unit: str
    kind: str = Field(description="level, change, target or from")
    bound: str = Field(description="≥, ≤, ~ or empty")
    year: int | None
    sentence: str
    speaker: str | None
    body: str | None
    base: str | None
    official: OfficialIndicator | None
    repeats: list[Place] = Field(description="where else the article says the same")
    doubtful: bool = Field(description="read off a scan with little confidence: check it first")


class CutReport(Place):
    """Clauses that the summary leaves out, and the rule that allows it."""

    text: str
    rule: str


class InsertedText(BaseModel):
    """Words that the summary puts into a sentence at an offset of `text`, such as its subject."""

    model_config = _GROWS
    at: int
    text: str


class SummarySentence(Place):
    """A sentence of the summary: what is kept of it, what is cut, what is put in."""

    kept: list[Place]
    cuts: list[CutReport]
    inserted: list[InsertedText]


class ThemeSummary(BaseModel):
    """A summary of one theme."""

    model_config = _GROWS
    text: str
    sentences: list[SummarySentence]


class MainFigure(Place):
    """The figure that the summary is built around."""

    text: str


class PointReport(Place):
    """A main point of the article; `heading` is what it stands under, `figure` its figure."""

    text: str
    heading: str | None
    figure: MainFigure | None


class SummaryReport(ThemeSummary):
    """The summary, in the article's own sentences; empty, with a warning, where none may stand."""

    main_figure: MainFigure | None
    by_theme: dict[str, ThemeSummary]
    rewritten: str | None


class ArticleReport(BaseModel):
    """The report on one article, as `yiwen tag` writes it."""

    model_config = _GROWS
    id: str | int
    source: str | None
    title: str | None
    date: str | None
    published_in: str | None
    text: str = Field(description="cleaned, simplified text")
    blocks: list[BlockReport]
    themes: list[ThemeReport]
    scores: dict[str, float]
    shown: dict[str, float] = Field(description="scores rescaled: 0.5 is a theme's own threshold")
    primary: str | None
    review: list[str] = Field(description="themes too close to call")
    figures: list[FigureReport]
    summary: SummaryReport
    points: list[PointReport]
    place: NamedPlace | None
    bodies: list[BodyReport]
    warnings: list[str]
    model: str
