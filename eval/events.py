"""Measure and fit the grouping by event: `python -m eval.events PAIRS TEXTS...`.

PAIRS has a line for each pair of articles (`a`, `b`, `label`: same, copy or different, `differs`:
figures that changed between the two); TEXTS are JSON Lines, perhaps packed with gzip, that hold the
articles by `id`. Probabilities come from cross-validation, so no pair is judged by weights that
were fitted on it; the interval is a bootstrap over pairs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from data.characters import strip_punctuation
from data.corpus.duplicates import sign_text
from data.events.changes import find_changes
from data.events.likeness import FEATURES, WEIGHTS_FILE, compare
from data.events.rarity import N_HASHES, RARITY_FILE, STEP, hash_grams
from data.events.sketch import Sketch, sketch

REPOST_LIKENESS = 0.7  # from which an archive run calls an article a repost
_PENALTY = 10.0
_N_FOLDS, _N_REPEATS, _N_DRAWS = 10, 20, 2000
_NEWTON_STEPS = 20
_HEAD = re.compile(r"\s*(\d{4})-(\d{2})-(\d{2})")
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class EventPair:
    """Two articles, whether they tell of one event, and the figures that differ."""

    texts: tuple[str, str]
    sketches: tuple[Sketch, Sketch]
    is_same: bool
    differs: tuple[tuple[str, str], ...]


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--rarity", action="store_true", help="measure how rare pairs are first")
    parser.add_argument("--fit", action="store_true", help="write the weights, fitted on all")
    options = parser.parse_args()
    articles = {row["id"]: row for path in options.texts for row in read_rows(path)}
    if options.rarity:
        write_rarity(row["text"] for row in articles.values())
    pairs = list(read_pairs(options.pairs, articles))
    features = np.array([compare(*pair.sketches) for pair in pairs])
    gold = np.array([pair.is_same for pair in pairs])
    report(pairs, features, gold)
    if options.fit:
        save_weights(*fit(features, gold))


def report(pairs: Sequence[EventPair], features: Floats, gold: Bools) -> None:
    """Print F1 with its interval, today's cluster beside it, and the changed figures found."""
    found = cross_validate(features, gold)
    likeness = [sign_text(p.texts[0]).jaccard(sign_text(p.texts[1])) for p in pairs]
    scores = [f1(gold, votes) for votes in found]
    middle = found[int(np.argsort(scores)[len(scores) // 2])]
    low, high = interval(gold, middle)
    print(f"pairs {len(pairs)}, of one event {gold.sum()}")
    print(f"events   F1 {np.mean(scores):.3f} (mean of {len(scores)} cross-validations)")
    print(f"         median run {f1(gold, middle):.3f}, 95% interval {low:.3f} to {high:.3f}")
    print(f"cluster  F1 {f1(gold, np.array(likeness) >= REPOST_LIKENESS):.3f}")
    listed = [(pair, given) for pair in pairs if pair.is_same for given in pair.differs]
    n_hit = sum(_is_found(pair, given) for pair, given in listed)
    n_same = sum(pair.is_same for pair in pairs)
    n_shown = sum(len(find_changes(*pair.texts)) for pair in pairs if pair.is_same)
    print(f"changed figures: {n_hit} of {len(listed)} listed found; {n_shown} shown in {n_same}")


def cross_validate(features: Floats, gold: Bools) -> list[Bools]:
    """Return for each repetition which pairs are judged to be one event by weights of others."""
    runs = []
    for seed in range(_N_REPEATS):
        folds = np.random.default_rng(seed).permutation(len(gold)) % _N_FOLDS
        votes = np.zeros(len(gold), bool)
        for fold in range(_N_FOLDS):
            weights, intercept = fit(features[folds != fold], gold[folds != fold])
            votes[folds == fold] = features[folds == fold] @ weights + intercept > 0
        runs.append(votes)
    return runs


def fit(features: Floats, gold: Bools) -> tuple[Floats, float]:
    """Fit a logistic regression with an L2 penalty on standardised features, by Newton's method.

    Args:
        features: shape [pairs, features].
        gold: shape [pairs].

    Returns:
        Weights of the features as they are, shape [features], and the intercept.
    """
    mean, scale = features.mean(0), features.std(0) + 1e-9
    rows = np.hstack([(features - mean) / scale, np.ones((len(features), 1))])
    penalty = np.diag([_PENALTY] * features.shape[1] + [1e-6])
    weights = np.zeros(rows.shape[1])
    for _ in range(_NEWTON_STEPS):
        p = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (p - gold) + penalty @ weights
        curve = (rows * (p * (1 - p))[:, None]).T @ rows + penalty
        weights = weights - np.linalg.solve(curve, slope)
    own = weights[:-1] / scale
    return own, float(weights[-1] - own @ mean)


def f1(gold: Bools, votes: Bools) -> float:
    """Return F1 of the pairs that are one event."""
    return float(2 * (gold & votes).sum() / max(1, gold.sum() + votes.sum()))


def interval(gold: Bools, votes: Bools) -> tuple[float, float]:
    """Return the 95% interval of F1 over draws of pairs."""
    draw = np.random.default_rng(0)
    picks = (draw.integers(0, len(gold), len(gold)) for _ in range(_N_DRAWS))
    scores = [f1(gold[pick], votes[pick]) for pick in picks]
    low, high = np.percentile(scores, [2.5, 97.5])
    return float(low), float(high)


def save_weights(weights: Floats, intercept: float) -> None:
    """Write what `data.events.likeness` loads."""
    named = {n: round(float(w), 4) for n, w in zip(FEATURES, weights, strict=True)}
    row = {"features": named, "intercept": round(intercept, 4)}
    WEIGHTS_FILE.write_text(json.dumps(row, indent=1) + "\n", encoding="utf-8")


def write_rarity(texts: Iterable[str]) -> None:
    """Write what `data.events.rarity` loads."""
    counts, n_texts = np.zeros(N_HASHES, np.int64), 0
    for text in texts:
        counts[np.unique(hash_grams(strip_punctuation(text), 2) % N_HASHES)] += 1
        n_texts += 1
    inverse = np.log((n_texts + 1) / (counts + 1))
    RARITY_FILE.write_bytes(np.clip(np.round(inverse / STEP), 1, 255).astype(np.uint8).tobytes())


def read_pairs(path: Path, articles: Mapping[str, Mapping[str, Any]]) -> Iterator[EventPair]:
    """Yield the pairs whose articles are at hand."""
    for row in read_rows(path):
        if row["a"] in articles and row["b"] in articles:
            both = (articles[row["a"]], articles[row["b"]])
            texts = (both[0]["text"], both[1]["text"])
            sketches = (sketch(texts[0], _day(both[0])), sketch(texts[1], _day(both[1])))
            differs = tuple((str(one), str(other)) for one, other in row["differs"])
            yield EventPair(texts, sketches, row["label"] != "different", differs)


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a file of JSON Lines, packed or not."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _day(row: Mapping[str, Any]) -> date | None:
    found = _HEAD.match(str(row.get("date") or row["text"][:20]))
    return date(*map(int, found.groups())) if found else None


def _is_found(pair: EventPair, given: tuple[str, str]) -> bool:
    """Whether the listed figures stand in a change that is found, in either order."""
    wanted = {re.sub(r"\s", "", text) for text in given}
    changes = find_changes(*pair.texts)
    shown = ({c.first.text.replace(" ", ""), c.second.text.replace(" ", "")} for c in changes)
    return any(_has_both(wanted, pair_texts) for pair_texts in shown)


def _has_both(wanted: set[str], shown: set[str]) -> bool:
    return all(any(w.startswith(s) or s.startswith(w) for s in shown) for w in wanted)


if __name__ == "__main__":
    main()
