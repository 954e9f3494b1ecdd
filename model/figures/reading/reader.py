"""`FigureReader`: runs the reading head and turns what it says into cells of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.arrays import FloatArray
from model.article import Article
from model.encoder import TokenStates
from model.figures.numbers.candidates import Candidate
from model.figures.reading.chunks import Chunk, NumberView
from model.figures.reading.years import YearOptions
from model.network import CompiledNetwork
from model.spans import Span

READER_NAME = "figures.onnx"
KINDS = ("level", "change", "target", "from")
OUTPUTS = ("parts", "years", "labels")
# Below, a number is no key figure.
KEY_PROBABILITY = 0.5
PART_PROBABILITY = 0.5
# A body is a name: so many tokens at most.
MAX_BODY_TOKENS = 16
_N_STARTS = 6
_PAD_MULTIPLE = 16


@dataclass(frozen=True)
class Cells:
    """What the head says of one number.

    `indicator` are parts of the text in order, `body` a place where the body is named, None where
    nobody is; `key`, `body_probability` and `year_probability` are what the head gives them.
    """

    key: float
    kind: str
    year: int | None
    indicator: tuple[Span, ...]
    body: Span | None
    body_probability: float
    year_probability: float


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
    ) -> dict[int, Cells]:
        """Read the accepted candidates; the result is by their numbers among the candidates.

        Args:
            article: the article.
            tokens: its tokens with the encoder's lower states.
            candidates: every number with a unit, in order.
            accepted: which of them may be key figures.
        """
        view = NumberView(article, tokens, candidates, accepted)
        options = YearOptions(article)
        figures = [number for number, is_figure in enumerate(accepted) if is_figure]
        cells: dict[int, Cells] = {}
        for chunk in view.cut_chunks(figures):
            evidence = [options.describe(candidates[figure]) for figure in chunk.figures]
            parts, years, labels = self._run(view, chunk, evidence)
            for row, figure in enumerate(chunk.figures):
                indicator, starts, ends = parts[row]
                body, body_probability = _find_body(article, tokens, chunk, starts, ends)
                year, year_probability = _choose_year(options.years, years[row])
                cells[figure] = Cells(
                    key=float(_sigmoid(labels[row, 0])),
                    kind=KINDS[int(labels[row, 1:].argmax())],
                    year=year,
                    indicator=_join_runs(tokens, chunk, indicator),
                    body=body,
                    body_probability=body_probability,
                    year_probability=year_probability,
                )
        return cells

    def _run(
        self, view: NumberView, chunk: Chunk, evidence: Sequence[FloatArray]
    ) -> tuple[FloatArray, list[FloatArray], FloatArray]:
        """Return parts (figures, 3, tokens + 1), each figure's year logits, labels (figures, 5)."""
        inputs = to_inputs(view.make_inputs(chunk)._asdict(), evidence)
        n_figures, n_tokens = len(chunk.figures), len(chunk.tokens)
        parts, years, labels = self._network.compute(inputs, OUTPUTS, len(inputs["pool"]))
        sizes = [len(rows) + 1 for rows in evidence]
        split = np.split(years[: sum(sizes)], np.cumsum(sizes)[:-1])
        return parts[:n_figures, :, : n_tokens + 1], split, labels[:n_figures]


def to_inputs(
    inputs: Mapping[str, FloatArray], evidence: Sequence[FloatArray]
) -> dict[str, FloatArray]:
    """Return a chunk as the network takes it, padded so that kernels are used again.

    Each figure has a row without evidence before its years: that it belongs to none. `mask`
    (tokens,) is 0 for tokens, and lowest for padding.
    """
    n_figures, n_tokens = inputs["pool"].shape
    tokens, figures = (0, -n_tokens % _PAD_MULTIPLE), (0, -n_figures % 4)
    padded = {
        name: np.pad(part, (tokens,) + ((0, 0),) * (part.ndim - 1))
        if name in {"states", "positions", "roles"}
        else np.pad(part, (figures, tokens))
        for name, part in inputs.items()
    }
    rows = [np.vstack([np.zeros((1, part.shape[1]), np.float32), part]) for part in evidence]
    owners = np.repeat(np.arange(len(rows)), [len(part) for part in rows])
    options = (0, -len(owners) % _PAD_MULTIPLE)
    mask = np.zeros(n_tokens + tokens[1], dtype=np.float32)
    mask[n_tokens:] = -1e9
    return padded | {
        "mask": mask,
        "evidence": np.pad(np.concatenate(rows), (options, (0, 0))),
        "owners": np.pad(owners, options),
    }


def _find_body(
    article: Article, tokens: TokenStates, chunk: Chunk, starts: FloatArray, ends: FloatArray
) -> tuple[Span | None, float]:
    """Return the likeliest name, all its places in the chunk counted together.

    `starts`, `ends` (tokens + 1,) are logits; the first is that of nobody.
    """
    start_logs, end_logs = _log_softmax(starts), _log_softmax(ends)
    nobody = float(np.exp(start_logs[0] + end_logs[0]))
    totals: dict[str, float] = {}
    best: dict[str, tuple[float, Span]] = {}
    at = chunk.tokens
    for first in np.argsort(-start_logs[1:])[:_N_STARTS]:
        last = first + int(end_logs[1 + first : 1 + first + MAX_BODY_TOKENS].argmax())
        if at[last] - at[first] != last - first:
            continue  # it would reach from the lead into the chunk
        span = Span(int(tokens.starts[at[first]]), int(tokens.ends[at[last]]))
        probability = float(np.exp(start_logs[1 + first] + end_logs[1 + last]))
        name = span.of(article.text)
        totals[name] = totals.get(name, 0.0) + probability
        if probability > best.get(name, (-1.0, span))[0]:
            best[name] = (probability, span)
    name, total = max(totals.items(), key=lambda item: item[1], default=("", 0.0))
    return (None, nobody) if nobody >= total else (best[name][1], total)


def _choose_year(years: Sequence[int], logits: FloatArray) -> tuple[int | None, float]:
    """Return the likeliest year; the first logit is that of none."""
    probabilities = np.exp(_log_softmax(logits))
    best = int(probabilities.argmax())
    return (years[best - 1] if best else None), float(probabilities[best])


def _join_runs(tokens: TokenStates, chunk: Chunk, logits: FloatArray) -> tuple[Span, ...]:
    """Join neighbouring tokens of an indicator; the first logit stands for no token."""
    chosen = np.unique(chunk.tokens[_sigmoid(logits[1:]) > PART_PROBABILITY])
    runs = np.split(chosen, np.flatnonzero(np.diff(chosen) > 1) + 1) if len(chosen) else []
    return tuple(Span(int(tokens.starts[run[0]]), int(tokens.ends[run[-1]])) for run in runs)


def _sigmoid(logits: FloatArray) -> FloatArray:
    probabilities: FloatArray = 1 / (1 + np.exp(-logits))
    return probabilities


def _log_softmax(logits: FloatArray) -> FloatArray:
    shifted = logits - logits.max()
    logs: FloatArray = shifted - np.log(np.exp(shifted).sum())
    return logs
