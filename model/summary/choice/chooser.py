"""`Chooser`: says of each clause of an article how likely a good summary tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from model.arrays import FloatArray
from model.article import Article
from model.encoder import EncodedArticle
from model.names import Cast
from model.report import Figure, Theme
from model.spans import Span
from model.summary.choice.clauses import Clause, split_clauses
from model.summary.choice.features import FEATURES, list_features
from model.summary.choice.network import ChoiceNetwork

_SURENESS = 2
_PLAIN = Path(__file__).with_name("plain.tsv")


@dataclass(frozen=True)
class Told:
    """How likely a summary tells each character of a text; `sums` (characters + 1,) adds it up."""

    sums: FloatArray

    def of(self, span: Span) -> float:
        """Return how many of a stretch's characters a summary is likely to tell."""
        return float(self.sums[span.end] - self.sums[span.start])


class Chooser:
    """The learned choice.

    Without a network, as in models from before there was one, each clause is weighed by its
    features alone, with the weights of `plain.tsv`.
    """

    def __init__(self, network: ChoiceNetwork | None = None) -> None:
        self._network = network

    @classmethod
    def load(cls, path: Path) -> Chooser:
        """Load from a file of weights.

        Raises:
            ModelError: the file cannot be read.
        """
        return cls(ChoiceNetwork.load(path))

    def weigh(
        self,
        article: Article,
        encoded: EncodedArticle,
        themes: Sequence[Theme],
        figures: Sequence[Figure],
        cast: Cast,
    ) -> Told:
        """Weigh an article's clauses; the arguments are those of `summarise`."""
        clauses = split_clauses(article)
        features = list_features(article, encoded, clauses, themes, figures, cast)
        if self._network is None or encoded.tokens is None:
            bias, weights = _plain_weights()
            logits: FloatArray = features @ weights + bias
        else:
            logits = self._network.score(features, gather_vectors(encoded, clauses))
        return lay_out(article, clauses, weigh_logits(logits))


def weigh_logits(logits: FloatArray) -> FloatArray:
    """Return what a character of each clause is worth: what is surely told, far more than others.

    The power was chosen on picked summaries that no head had seen.
    """
    worth: FloatArray = (1 / (1 + np.exp(-logits))) ** _SURENESS
    return worth


def lay_out(article: Article, clauses: Sequence[Clause], shares: FloatArray) -> Told:
    """Give each character its clause's share; what is in no clause is not told."""
    told = np.zeros(len(article.text) + 1, dtype=np.float32)
    for clause, share in zip(clauses, shares, strict=True):
        told[clause.span.start + 1 : clause.span.end + 1] = share
    return Told(np.cumsum(told, dtype=np.float64))


def gather_vectors(encoded: EncodedArticle, clauses: Sequence[Clause]) -> FloatArray:
    """Return what the encoder says of each clause, (clauses, 2 x hidden).

    The mean of the lower layers' states of its tokens, and of the vectors of its sentence's
    segments.
    """
    return np.concatenate([_own_states(encoded, clauses), _of_sentences(encoded, clauses)], axis=1)


def _own_states(encoded: EncodedArticle, clauses: Sequence[Clause]) -> FloatArray:
    if encoded.tokens is None:
        raise ValueError("the encoder gave no states of tokens")
    ends, states = encoded.tokens.ends, encoded.tokens.states
    starts = [clause.span.start for clause in clauses]
    first = np.searchsorted(ends, [*starts, clauses[-1].span.end], side="right")
    n_tokens = np.diff(first)
    vectors = np.zeros((len(clauses), states.shape[1]), dtype=np.float32)
    some = n_tokens > 0
    if some.any():
        read = states[: first[-1]]
        vectors[some] = np.add.reduceat(read, first[:-1][some], axis=0) / n_tokens[some, None]
    return vectors


def _of_sentences(encoded: EncodedArticle, clauses: Sequence[Clause]) -> FloatArray:
    n_sentences = max(*encoded.sentences, clauses[-1].sentence) + 1
    sums = np.zeros((n_sentences, encoded.vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, list(encoded.sentences), encoded.vectors)
    counts = np.bincount(encoded.sentences, minlength=n_sentences)
    sums /= np.maximum(counts, 1)[:, None]
    means: FloatArray = sums[[clause.sentence for clause in clauses]]
    return means


@cache
def _plain_weights() -> tuple[float, FloatArray]:
    lines = _PLAIN.read_text(encoding="utf-8").splitlines()[1:]
    weights = {name: float(weight) for name, weight in (line.split("\t") for line in lines)}
    return weights["bias"], np.array([weights.get(name, 0.0) for name in FEATURES], np.float32)
