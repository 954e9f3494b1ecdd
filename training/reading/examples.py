"""Examples of the reading head: articles with labelled rows as chunks with targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.corpus.figure_rows import FigureRow, Place, RowArticle
from model import Article
from model.arrays import FloatArray
from model.encoder import Encoder, TokenStates
from model.figures.numbers.candidates import Candidate, find_candidates
from model.figures.numbers.guards import is_figure
from model.figures.reading.chunks import Chunk, ChunkInputs, NumberView
from training.reading.network import KINDS

_DOUBTFUL_TARGET, _DOUBTFUL_WEIGHT = 0.5, 0.2
_ELSEWHERE_WEIGHT = 0.3


@dataclass(frozen=True)
class Target:
    """What the head should say of one figure of a chunk of L tokens.

    `key` with its `weight`; the rest only of labelled rows: `kind` is an index of `KINDS`,
    `indicator` (L,) is 1 for its tokens, `body` are places (first token, last token) of the name,
    (-1, -1) where nobody is, with `body_weight`.
    """

    key: float
    weight: float
    kind: int | None = None
    indicator: FloatArray | None = None
    body: tuple[tuple[int, int], ...] = ()
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
    labels = _match_rows(read, article.rows, candidates)
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


def _match_rows(
    article: Article, rows: Sequence[FigureRow], candidates: Sequence[Candidate]
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
    indicator = np.zeros(len(chunk.tokens), dtype=np.float32)
    for part in row.indicator:
        if place := places.find(part):
            indicator[[here[t] for t in tokens.find(*place).tolist() if t in here]] = 1
    body, body_weight = _find_body(article, row, tokens, here, places)
    return Target(
        key=1.0 if row.is_sure else _DOUBTFUL_TARGET,
        weight=1.0 if row.is_sure else _DOUBTFUL_WEIGHT,
        kind=KINDS.index(row.kind),
        indicator=indicator,
        body=body,
        body_weight=body_weight,
    )


def _find_body(
    article: Article,
    row: FigureRow,
    tokens: TokenStates,
    here: dict[int, int],
    places: _Places,
) -> tuple[tuple[tuple[int, int], ...], float]:
    """Return every place of the body's name in a chunk, and the weight of the target."""
    nobody = ((-1, -1),)
    if not row.is_body_known:
        return (), 0.0
    place = places.find(row.body) if row.body else None
    if place is None:
        return nobody, 1.0 if row.body is None else 0.0
    name = article.text[slice(*place)]
    found, at = list[tuple[int, int]](), article.text.find(name)
    while at >= 0:
        own = tokens.find(at, at + len(name)).tolist()
        if own and own[0] in here and own[-1] in here:
            found.append((here[own[0]], here[own[-1]]))
        at = article.text.find(name, at + 1)
    return (tuple(found), 1.0) if found else (nobody, _ELSEWHERE_WEIGHT)
