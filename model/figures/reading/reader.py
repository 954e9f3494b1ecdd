"""`FigureReader`: runs the reading head, which says what each figure counts, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model.arrays import BoolArray, FloatArray
from model.article import Article
from model.encoder import TokenStates
from model.figures.numbers.candidates import Candidate
from model.figures.reading.chunks import Chunk, NumberView
from model.network import CompiledNetwork
from model.pairs import OPENERS, find_pairs
from model.spans import Span

READER_NAME = "figures.onnx"
OUTPUTS = ("parts", "labels")


class Part(IntEnum):
    """What a logit says of a token: it is inside an indicator, or at an edge of it or of a body."""

    INDICATOR = 0
    INDICATOR_START = 1
    INDICATOR_END = 2
    BODY_START = 3
    BODY_END = 4


N_PARTS = len(Part)
# Signs that no part of an indicator starts or ends with.
_NO_EDGE = frozenset("，。；：！？、 \t\n|｜")
_NO_START = _NO_EDGE | {"的"}
# Without one of these before it a part says the opposite: `不见面审批`.
_NEGATIONS = frozenset("不未无没")
# Kernels are reused across chunks of one padded shape.
_PAD_TOKENS, _PAD_FIGURES = 16, 4
# Added to attention where there is no token.
LOWEST = -1e9
# Inputs with an entry a token; the others have one for each figure and token.
OF_TOKENS = frozenset({"states", "positions", "roles"})


@dataclass(frozen=True)
class RowReading:
    """What the head reads of a figure.

    `names` are the names that its body may have, with the probability of each; what is missing to
    1 is that of nobody and of names that nobody knows. `indicator` are the parts of its indicator
    in order, none where the text does not say it.
    """

    names: Mapping[str, float]
    indicator: tuple[Span, ...]


class FigureReader:
    """The reading head, exported."""

    def __init__(self, network: CompiledNetwork) -> None:
        self._network = network

    @classmethod
    def load(cls, folder: Path, *, threads: int = 0, streams: int = 1) -> FigureReader:
        """Load from a verified model folder; the arguments are those of `Analyzer.load`.

        Raises:
            ModelError: the network cannot be read.
        """
        path = folder / READER_NAME
        return cls(CompiledNetwork.load(path, threads=threads, streams=streams))

    def read(
        self,
        article: Article,
        tokens: TokenStates,
        candidates: Sequence[Candidate],
        accepted: Sequence[bool],
        names: Sequence[Span],
    ) -> dict[int, RowReading]:
        """Read each accepted candidate; the result is by their numbers among the candidates.

        Args:
            article: the article.
            tokens: its tokens with the encoder's lower states.
            candidates: every number with a unit, in order.
            accepted: which of them may be key figures.
            names: where the text names somebody.
        """
        view = NumberView(article, tokens, candidates, accepted)
        figures = [number for number, is_figure in enumerate(accepted) if is_figure]
        readings: dict[int, RowReading] = {}
        for chunk in view.cut_chunks(figures):
            parts = self._run(view, chunk)
            runs = list(find_runs(parts[:, :, 1:], view.bar_tokens(chunk)))
            bodies = _weigh_names(article, tokens, chunk, parts, names)
            for row, figure in enumerate(chunk.figures):
                indicator = tuple(_to_spans(article, tokens, chunk, runs[row]))
                readings[figure] = RowReading(bodies[row], indicator)
        return readings

    def _run(self, view: NumberView, chunk: Chunk) -> FloatArray:
        """Return logits of parts (figures, N_PARTS, tokens + 1)."""
        inputs = to_inputs(view.make_inputs(chunk)._asdict())
        n_figures, n_tokens = len(chunk.figures), len(chunk.tokens)
        (parts,) = self._network.compute(inputs, OUTPUTS[:1], len(inputs["pool"]))
        return parts[:n_figures, :, : n_tokens + 1]


def to_inputs(inputs: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """Return a chunk as the network takes it, padded so that kernels are used again.

    `mask` (tokens,) is 0 for tokens, and lowest for padding.
    """
    n_figures, n_tokens = inputs["pool"].shape
    tokens, figures = (0, -n_tokens % _PAD_TOKENS), (0, -n_figures % _PAD_FIGURES)
    padded: dict[str, npt.NDArray[Any]] = {}
    for name, part in inputs.items():
        width = (tokens, *((0, 0),) * (part.ndim - 1)) if name in OF_TOKENS else (figures, tokens)
        padded[name] = np.pad(part, width)
    mask = np.zeros(n_tokens + tokens[1], dtype=np.float32)
    mask[n_tokens:] = LOWEST
    padded["mask"] = mask
    return padded


def find_runs(logits: FloatArray, barred: BoolArray) -> Iterator[list[tuple[int, int]]]:
    """Return for each figure the runs of tokens that its indicator is most likely made of.

    Of all ways to choose runs, the one whose logits add up to most: those of the tokens inside, of
    each run's start and of its end (a Viterbi search in two states).

    Args:
        logits: (figures, N_PARTS, tokens).
        barred: (figures, tokens), tokens that no run may hold.
    """
    inside = np.where(barred, LOWEST, logits[:, Part.INDICATOR])
    n_figures, n_tokens = inside.shape
    out, within = np.zeros(n_figures), np.full(n_figures, LOWEST)
    opened, closed = (np.zeros((n_tokens, n_figures), dtype=bool) for _ in range(2))
    for i in range(n_tokens):
        fresh = out + logits[:, Part.INDICATOR_START, i]
        opened[i] = fresh > within
        within = np.maximum(within, fresh) + inside[:, i]
        ended = within + logits[:, Part.INDICATOR_END, i]
        closed[i] = ended > out
        out = np.maximum(out, ended)
    for figure in range(n_figures):
        yield _trace(opened[:, figure], closed[:, figure])


def _trace(opened: BoolArray, closed: BoolArray) -> list[tuple[int, int]]:
    """Follow a search back: the runs (first token, last token) in order."""
    runs = list[tuple[int, int]]()
    end = -1
    for i in range(len(opened) - 1, -1, -1):
        if end < 0 and closed[i]:
            end = i
        if end >= 0 and opened[i]:
            runs.append((i, end))
            end = -1
    return runs[::-1]


def _to_spans(
    article: Article, tokens: TokenStates, chunk: Chunk, runs: Sequence[tuple[int, int]]
) -> Iterator[Span]:
    """Runs of tokens as stretches of the text, without signs at their edges."""
    for first, last in runs:
        start, end = _keep_paired(
            article.text,
            int(tokens.starts[chunk.tokens[first]]),
            int(tokens.ends[chunk.tokens[last]]),
        )
        while start < end and article.text[start] in _NO_START:
            start += 1
        while start < end and article.text[end - 1] in _NO_EDGE:
            end -= 1
        if start < end:
            is_negated = article.text[max(0, start - 1) : start] in _NEGATIONS
            yield Span(start - is_negated, end)


def _keep_paired(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out what begins with a bracket that nothing closes, or ends with one never opened."""
    alone = [start + at for at in find_pairs(text[start:end])[1]]
    opened = [at for at in alone if text[at] in OPENERS]
    closed = [at for at in alone if text[at] not in OPENERS]
    return (closed[-1] + 1 if closed else start), (opened[0] if opened else end)


def _weigh_names(
    article: Article, tokens: TokenStates, chunk: Chunk, logits: FloatArray, names: Sequence[Span]
) -> list[dict[str, float]]:
    """Return for each figure how likely its body is to have each name, over all its places.

    `logits` are (figures, N_PARTS, tokens + 1); the first token is that of nobody.
    """
    here = {int(token): i for i, token in enumerate(chunk.tokens)}
    own = ((name, tokens.find(name.start, name.end)) for name in names)
    places = [
        (name.of(article.text), here[run[0]], here[run[-1]])
        for name, run in own
        if len(run) and run[0] in here and run[-1] in here
    ]
    starts, ends = (_log_softmax(logits[:, p]) for p in (Part.BODY_START, Part.BODY_END))
    weighed = []
    for start_logs, end_logs in zip(starts, ends, strict=True):
        totals: dict[str, float] = {}
        for name, first, last in places:
            probability = float(np.exp(start_logs[1 + first] + end_logs[1 + last]))
            totals[name] = totals.get(name, 0.0) + probability
        weighed.append(totals)
    return weighed


def _log_softmax(logits: FloatArray) -> FloatArray:
    """Of each row."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs
