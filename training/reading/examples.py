"""Examples of the reading head: articles with labelled rows as chunks with targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from data.corpus.figure_rows import FigureRow, Place, RowArticle
from model import Article
from model.encoder import Encoder, TokenStates
from model.figures.numbers.candidates import Candidate, find_candidates
from model.figures.numbers.guards import is_figure
from model.figures.reading.chunks import Chunk, ChunkInputs, NumberView
from model.spans import Span
from training.reading.network import KINDS

_DOUBTFUL_TARGET, _DOUBTFUL_WEIGHT = 0.5, 0.2
_ELSEWHERE_WEIGHT = 0.3


@dataclass(frozen=True)
class Target:
    """What the head should say of one figure of a chunk of L tokens.

    `key` with its `weight`; the rest only of labelled rows: `kind` is an index of `KINDS`,
    `indicator` are places (first token, last token) of its parts, None where they are not known,
    `body` those of the name with `body_weight`, (-1, -1) where nobody is.
    """

    key: float
    weight: float
    kind: int | None = None
    indicator: tuple[Place, ...] | None = ()
    body: tuple[Place, ...] = ()
    body_weight: float = 0.0


@dataclass(frozen=True)
class ReadingExample:
    """One chunk of an article with its targets; its inputs are made when they are needed."""

    view: NumberView
    chunk: Chunk
    targets: tuple[Target, ...]

    def make_inputs(self) -> ChunkInputs:
        """Return the chunk as the network takes it."""
        return self.view.make_inputs(self.chunk)


def make_examples(article: RowArticle, encoder: Encoder) -> list[ReadingExample]:
    """Return the chunks of a labelled article.

    Raises:
        InputError: the text is too short or no Chinese.
    """
    read = Article.from_raw(article.text, id=article.id, date=article.date)
    encoded = encoder.encode(read)
    if encoded.tokens is None:
        raise ValueError("the encoder gives no states of tokens: see training.encoder.states")
    tokens = _halve(encoded.tokens)
    candidates = list(find_candidates(read.text))
    accepted = [is_figure(read.text, candidate) for candidate in candidates]
    labels = match_rows(read, article.rows, candidates)
    view = NumberView(read, tokens, candidates, accepted)
    figures = [i for i in range(len(candidates)) if accepted[i] or i in labels]
    places = _Places(read)
    return [
        ReadingExample(
            view,
            chunk,
            tuple(
                _make_target(read, labels.get(figure), tokens, chunk, places)
                for figure in chunk.figures
            ),
        )
        for chunk in view.cut_chunks(figures)
    ]


class _Places:
    """Places of a raw text in the cleaned one."""

    def __init__(self, article: Article) -> None:
        self._cleaned = np.full(len(article.raw) + 1, -1)
        self._cleaned[article.offsets] = np.arange(len(article.offsets))

    def find(self, place: Place) -> Place | None:
        kept = self._cleaned[place[0] : place[1]]
        kept = kept[kept >= 0]
        return (int(kept.min()), int(kept.max()) + 1) if len(kept) else None


def _halve(tokens: TokenStates) -> TokenStates:
    """Keep states in half precision: those of all articles are held in memory."""
    return TokenStates(
        tokens.starts, tokens.ends, tokens.sentences, tokens.windows,
        tokens.states.astype(np.float16),
    )  # fmt: skip


def match_rows(
    article: Article, rows: Sequence[FigureRow], candidates: Sequence[Candidate | Span]
) -> dict[int, FigureRow]:
    """Give each row the candidate that shares most characters with it."""
    places, found = _Places(article), dict[int, FigureRow]()
    for row in rows:
        place = places.find(row.at)
        if place is None:
            continue
        shared = [min(c.end, place[1]) - max(c.start, place[0]) for c in candidates]
        if shared and max(shared) > 0:
            found[int(np.argmax(shared))] = row
    return found


def _make_target(
    article: Article,
    row: FigureRow | None,
    tokens: TokenStates,
    chunk: Chunk,
    places: _Places,
) -> Target:
    if row is None:
        return Target(0.0, 1.0)
    here = {int(token): i for i, token in enumerate(chunk.tokens)}
    parts = (places.find(part) for part in row.indicator)
    runs = (_run(tokens, here, place) for place in parts if place)
    body, body_weight = _find_body(article, row, tokens, here, places)
    return Target(
        key=1.0 if row.is_sure else _DOUBTFUL_TARGET,
        weight=1.0 if row.is_sure else _DOUBTFUL_WEIGHT,
        kind=KINDS.index(row.kind),
        indicator=_join(run for run in runs if run) if row.is_indicator_known else None,
        body=body,
        body_weight=body_weight,
    )


def _run(tokens: TokenStates, here: dict[int, int], place: Place) -> Place | None:
    """Return the first and the last token of a chunk that a place of the text covers."""
    inside = [here[t] for t in tokens.find(*place).tolist() if t in here]
    return (inside[0], inside[-1]) if inside else None


def _join(runs: Iterable[Place]) -> tuple[Place, ...]:
    """Put runs in order, with those that touch or overlap joined."""
    joined = list[Place]()
    for first, last in sorted(runs):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def _find_body(
    article: Article,
    row: FigureRow,
    tokens: TokenStates,
    here: dict[int, int],
    places: _Places,
) -> tuple[tuple[Place, ...], float]:
    """Return every place of the body's name in a chunk, and the weight of the target."""
    nobody = ((-1, -1),)
    if not row.is_body_known:
        return (), 0.0
    place = places.find(row.body) if row.body else None
    if place is None:
        return nobody, 1.0 if row.body is None else 0.0
    name = article.text[slice(*place)]
    found, at = list[Place](), article.text.find(name)
    while at >= 0:
        if run := _run(tokens, here, (at, at + len(name))):
            found.append(run)
        at = article.text.find(name, at + 1)
    return (tuple(found), 1.0) if found else (nobody, _ELSEWHERE_WEIGHT)
