"""`FigureReader`: runs the reading head, which says whose each figure is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model.arrays import FloatArray
from model.article import Article
from model.encoder import TokenStates
from model.figures.numbers.candidates import Candidate
from model.figures.reading.chunks import Chunk, NumberView
from model.network import CompiledNetwork
from model.spans import Span

READER_NAME = "figures.onnx"
OUTPUTS = ("parts", "labels")
# A body is a name: so many tokens at most.
MAX_BODY_TOKENS = 16
_N_STARTS = 6
# Signs that may stand beside a name, and signs that no name holds.
_EDGES = frozenset("“”‘’《》（）()【】 \t")
# A place is named with its rank where the text has it: 云岭县, not 云岭.
_RANK = re.compile(r"省|市(?![场民委值属])|县(?![域级委])|区(?![域级委间])|镇(?!级)|乡(?![村镇])")
_NO_NAME = frozenset("，。；：！？、\n\t|｜")
# Kernels are reused across chunks of one padded shape.
_PAD_TOKENS, _PAD_FIGURES = 16, 4
# Added to attention where there is no token.
LOWEST = -1e9
# Inputs with an entry a token; the others have one for each figure and token.
OF_TOKENS = frozenset({"states", "positions", "roles"})


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
    ) -> dict[int, Span | None]:
        """Find where the body of each accepted candidate is named; None where it is nobody's.

        The result is by their numbers among the candidates.

        Args:
            article: the article.
            tokens: its tokens with the encoder's lower states.
            candidates: every number with a unit, in order.
            accepted: which of them may be key figures.
        """
        view = NumberView(article, tokens, candidates, accepted)
        figures = [number for number, is_figure in enumerate(accepted) if is_figure]
        bodies: dict[int, Span | None] = {}
        for chunk in view.cut_chunks(figures):
            parts = self._run(view, chunk)
            for row, figure in enumerate(chunk.figures):
                _, starts, ends = parts[row]
                bodies[figure] = _find_body(article, tokens, chunk, starts, ends)
        return bodies

    def _run(self, view: NumberView, chunk: Chunk) -> FloatArray:
        """Return logits of parts (figures, 3, tokens + 1)."""
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


def _find_body(
    article: Article, tokens: TokenStates, chunk: Chunk, starts: FloatArray, ends: FloatArray
) -> Span | None:
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
        span = _trim(article.text, int(tokens.starts[at[first]]), int(tokens.ends[at[last]]))
        if span is None:
            continue
        probability = float(np.exp(start_logs[1 + first] + end_logs[1 + last]))
        name = span.of(article.text)
        totals[name] = totals.get(name, 0.0) + probability
        if probability > best.get(name, (-1.0, span))[0]:
            best[name] = (probability, span)
    name, total = max(totals.items(), key=lambda item: item[1], default=("", 0.0))
    return None if nobody >= total else best[name][1]


def _trim(text: str, start: int, end: int) -> Span | None:
    """Leave out a quotation mark or bracket at either end; None where it is no name."""
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and text[end - 1] in _EDGES:
        end -= 1
    if rank := _RANK.match(text, end):
        end = rank.end()
    is_name = start < end and _NO_NAME.isdisjoint(text[start:end])
    return Span(start, end) if is_name else None


def _log_softmax(logits: FloatArray) -> FloatArray:
    shifted = logits - logits.max()
    logs: FloatArray = shifted - np.log(np.exp(shifted).sum())
    return logs
