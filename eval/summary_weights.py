"""Choosing the summary's weights on marked key sentences: `python -m eval.summary_weights`.

Reads the pointers' articles that `YIWEN_TEXTS` gives and the corpus; never the dev set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from data.gold import to_gold
from data.loader import load_labelled
from data.themes import read_themes
from eval.answers import to_article
from eval.summaries import rouge
from model import Analyzer, Article, Report
from model.encoder import Reading
from model.summary import DEFAULT_CHARS, Weights, summarise

# What is drawn; the other weights are for reading, not for likeness, and stay as they are.
RANGES = {
    "lead": (0.0, 2.5), "early": (0.0, 1.0), "common": (0.0, 0.6), "evidence": (0.0, 0.8),
    "figure": (0.0, 1.2), "redundancy": (0.5, 3.0), "char": (0.0, 1.5), "bias": (-1.0, 1.0),
}  # fmt: skip
N_DRAWS, N_BEST, SEED = 200, 12, 5
CORPUS_SHARE = 0.2
_ROUGE_L = 2


@dataclass(frozen=True)
class Marked:
    """An article that has been read, with its key sentences joined."""

    article: Article
    reading: Reading
    report: Report
    reference: str


def draw_weights(n: int, seed: int = SEED) -> list[Weights]:
    """Draw weights evenly from their ranges."""
    random = np.random.default_rng(seed)
    return [
        Weights(**{k: float(random.uniform(*ends)) for k, ends in RANGES.items()}) for _ in range(n)
    ]


def score(weights: Weights, rows: Sequence[Marked]) -> float:
    """Mean ROUGE-L of the summaries that the weights give."""
    return float(np.mean([rouge(_summary(weights, row), row.reference)[_ROUGE_L] for row in rows]))


def average(some: Sequence[Weights]) -> Weights:
    """Return the mean of each weight: many good draws mislead less than the best one."""
    return Weights(
        **{f.name: round(float(np.mean([getattr(w, f.name) for w in some])), 2)
           for f in fields(Weights)}
    )  # fmt: skip


def _summary(weights: Weights, row: Marked) -> str:
    report = row.report
    return summarise(
        row.article, row.reading, report.themes, report.figures, DEFAULT_CHARS, weights
    ).text


def _read_marked(analyzer: Analyzer, *, pointers: bool) -> list[Marked]:
    """Articles with key sentences; of the corpus only those that the model did not learn from."""
    held_out = frozenset(analyzer.manifest.held_out)
    rows = []
    for labelled in load_labelled(read_themes()).articles:
        gold = to_gold(labelled)
        chosen = labelled.source == "pointer" if pointers else labelled.id in held_out
        if gold.summary and chosen and (pointers or labelled.source != "pointer"):
            article = to_article(gold)
            reading, report = analyzer.read(article), analyzer.analyze(article)
            rows.append(Marked(article, reading, report, gold.summary))
    return rows


def main() -> None:
    """Draw weights, and print the mean of the best with what it scores."""
    analyzer = Analyzer.load()
    real, corpus = (_read_marked(analyzer, pointers=flag) for flag in (True, False))
    print(f"真实文章 {len(real)} 篇，语料 {len(corpus)} 篇", flush=True)

    def value(weights: Weights) -> float:
        return (1 - CORPUS_SHARE) * score(weights, real) + CORPUS_SHARE * score(weights, corpus)

    ranked = sorted(draw_weights(N_DRAWS), key=value, reverse=True)
    best = average(ranked[:N_BEST])
    print(f"{best}\n真实文章 {score(best, real):.3f}，语料 {score(best, corpus):.3f}")


if __name__ == "__main__":
    main()
