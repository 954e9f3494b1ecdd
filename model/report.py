"""`Report`: the result of analysing one article, and its JSON form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from model.article import Article
from model.names import Cast, NamedBody, Place
from model.spans import Span

SCORE_DIGITS = 4


@dataclass(frozen=True)
class Theme:
    """A theme of an article; `score` is a calibrated probability.

    `evidence` are the sentences that carry the theme, in order of the text.
    """

    theme: str
    name: str
    score: float
    evidence: tuple[Span, ...]


@dataclass(frozen=True)
class Official:
    """The official or usual indicator that a figure is filed under.

    `match` is `exact` (its own name), `same` (another name of it) or `near` (like it, but not the
    same measure); `note` says in Chinese what differs, empty where nothing does.
    """

    name: str
    match: str
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A key figure; the fields are those of the label definitions.

    `value` is in base units and has two entries for a range; `span` covers `text`. `body` is the
    hospital, county or group that the figure is about, `base` the period or place that a change is
    compared with; both in the text's own words, None where the text has none. `official` is the
    indicator of the field that it is, None where it is none of those known. `repeats` are other
    places that tell the same fact. `doubtful` says that its signs were read off a picture with
    little confidence: it must be compared with the original before it is used.
    """

    text: str
    indicator: str
    value: tuple[float, ...]
    unit: str
    kind: str
    bound: str
    year: int | None
    span: Span
    sentence: str
    body: str | None = None
    base: str | None = None
    official: Official | None = None
    repeats: tuple[Span, ...] = ()
    doubtful: bool = False

    @property
    def shown_value(self) -> float | int | list[float | int]:
        """The value in JSON and tables: whole numbers without a decimal point."""
        ends = [int(v) if v == int(v) else v for v in self.value]
        return ends[0] if len(ends) == 1 else ends


@dataclass(frozen=True)
class Cut:
    """Whole clauses that a summary leaves out of a sentence, and the rule that allows it."""

    span: Span
    rule: str


@dataclass(frozen=True)
class Insertion:
    """A name put in brackets behind the word that stands for it: `我院（云岭县人民医院）`.

    At the start of what is kept of a sentence it names the missing subject. `at` is the offset into
    the article's text before which it stands.
    """

    at: int
    text: str


@dataclass(frozen=True)
class Excerpt:
    """A sentence of a summary: the kept stretches in order, the cuts, and names put in.

    `kept` and the cuts' spans together cover `sentence`.
    """

    sentence: Span
    kept: tuple[Span, ...]
    cuts: tuple[Cut, ...] = ()
    inserted: tuple[Insertion, ...] = ()

    def read(self, text: str) -> str:
        """Return the words as a summary has them; `text` is the article's."""
        return "".join(words for span in self.kept for words, _ in self.pieces(span, text))

    def pieces(self, span: Span, text: str) -> list[tuple[str, bool]]:
        """Return a kept stretch in pieces, each with whether it was put in."""
        found: list[tuple[str, bool]] = []
        at = span.start
        for insertion in self.inserted:
            if at <= insertion.at <= span.end:
                before = [(text[at : insertion.at], False)] if at < insertion.at else []
                found += [*before, (insertion.text, True)]
                at = insertion.at
        return [*found, (text[at : span.end], False)] if at < span.end else found


@dataclass(frozen=True)
class Point:
    """One line; `stretch` is where it stands in the article, `figure` what it counts, if it does.

    `heading` is the heading under which it stands, where the page has one.
    """

    text: str
    stretch: Span
    figure: Figure | None = None
    heading: str | None = None


@dataclass(frozen=True)
class Summary:
    """Sentences of the article, in its order; `text` joins their words as they read.

    Both are empty where no sentence may stand by itself: the report then warns of it.

    `main_figure` is the figure that the summary is built around. `by_theme` has a summary of each
    accepted theme, from the theme's own evidence. `points` are the article's main facts, a line
    each. `rewritten` is a rewording by a language model
    that the user supplies; None without such a model, and where the rewording was refused.
    """

    text: str
    sentences: tuple[Excerpt, ...]
    main_figure: Figure | None = None
    by_theme: Mapping[str, Summary] = field(default_factory=dict)
    points: tuple[Point, ...] = ()
    rewritten: str | None = None


@dataclass(frozen=True)
class Report:
    """The result of analysing one article.

    `scores` holds the calibrated probability of every theme, `shown` the same rescaled so that
    0.5 is each theme's own threshold, `review` the themes too close to call, `model` the model's
    version, `cast` who and where the article is about.
    """

    article: Article
    themes: tuple[Theme, ...]
    scores: dict[str, float]
    primary: str | None
    review: tuple[str, ...]
    figures: tuple[Figure, ...]
    summary: Summary
    warnings: tuple[str, ...]
    model: str
    shown: dict[str, float] = field(default_factory=dict)
    cast: Cast = field(default_factory=Cast)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        article = self.article
        return {
            "id": article.id,
            "source": article.source or None,
            "title": article.title or None,
            "date": article.date or None,
            "published_in": article.published_in or None,
            "text": article.text,
            "blocks": [
                {"kind": b.kind, **_place(b.span), "level": b.level, "parent": b.parent}
                for b in article.blocks
            ],
            "themes": [_theme(t, article) for t in self.themes],
            "scores": {k: round(v, SCORE_DIGITS) for k, v in self.scores.items()},
            "shown": {k: round(v, SCORE_DIGITS) for k, v in self.shown.items()},
            "primary": self.primary,
            "review": list(self.review),
            "figures": [_figure(f, article) for f in self.figures],
            "summary": _summary(self.summary, article),
            "place": _named_place(self.cast.place),
            "bodies": [_body(body) for body in self.cast.bodies],
            "points": [_point(point) for point in self.summary.points],
            "warnings": list(self.warnings),
            "model": self.model,
        }


def _theme(theme: Theme, article: Article) -> dict[str, Any]:
    return {
        "theme": theme.theme,
        "name": theme.name,
        "score": round(theme.score, SCORE_DIGITS),
        "evidence": [
            {
                "start": span.start,
                "end": span.end,
                "text": span.of(article.text),
                "speaker": article.speaker_of(span),
            }
            for span in theme.evidence
        ],
    }


def _figure(figure: Figure, article: Article) -> dict[str, Any]:
    official = figure.official
    return {
        "text": figure.text,
        "indicator": figure.indicator,
        "value": figure.shown_value,
        "unit": figure.unit,
        "kind": figure.kind,
        "bound": figure.bound,
        "year": figure.year,
        "start": figure.span.start,
        "end": figure.span.end,
        "sentence": figure.sentence,
        "speaker": article.speaker_of(figure.span),
        "body": figure.body,
        "base": figure.base,
        "official": official and asdict(official),
        "repeats": [_place(span) for span in figure.repeats],
        "doubtful": figure.doubtful,
    }


def _named_place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    path = list(place.path)
    return {"code": place.code, "name": place.name, "level": place.level, "path": path}


def _body(body: NamedBody) -> dict[str, Any]:
    return {
        "name": body.name,
        "kind": body.kind,
        "aliases": list(body.aliases),
        "place": _named_place(body.place),
    }


def _summary(summary: Summary, article: Article) -> dict[str, Any]:
    main = summary.main_figure
    return {
        **_excerpts(summary, article),
        "main_figure": main and {**_place(main.span), "text": main.text},
        "by_theme": {theme: _excerpts(own, article) for theme, own in summary.by_theme.items()},
        "rewritten": summary.rewritten,
    }


def _point(point: Point) -> dict[str, Any]:
    figure = point.figure
    return {
        "text": point.text,
        **_place(point.stretch),
        "heading": point.heading,
        "figure": figure and {**_place(figure.span), "text": figure.text},
    }


def _excerpts(summary: Summary, article: Article) -> dict[str, Any]:
    sentences = [
        {
            **_place(excerpt.sentence),
            "kept": [_place(span) for span in excerpt.kept],
            "cuts": [
                {**_place(cut.span), "text": cut.span.of(article.text), "rule": cut.rule}
                for cut in excerpt.cuts
            ],
            "inserted": [{"at": i.at, "text": i.text} for i in excerpt.inserted],
        }
        for excerpt in summary.sentences
    ]
    return {"text": summary.text, "sentences": sentences}


def _place(span: Span) -> dict[str, int]:
    return {"start": span.start, "end": span.end}
