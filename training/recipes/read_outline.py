"""Fitting the line classifier of the outline.

`python -m training.recipes.read_outline [OUT]`

It learns from the pages that `data/pointers/outline/` points to (`YIWEN_TEXTS` names the files with
their texts) and writes the weights to OUT, by default `model/outline/lines.tsv`. Before, it fits on
all sources but a few and measures on those, in turn, and prints how often the kind is right:
what a page of a new source may expect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from data.command import run_command
from data.corpus.outline_pages import OutlinePage, resolve_pages
from model import InputError
from model.arrays import FloatArray
from model.cleaning.steps import clean
from model.outline.classify import WEIGHTS, LineClassifier, Stage, add_kinds
from model.outline.features import BIAS, read_features
from model.outline.rules import name_kinds
from model.outline.shape import read_lines

N_FOLDS = 6
N_INNER_FOLDS = 3
MIN_LINES = 3  # a feature that fewer lines have says nothing
STRENGTH = 1.0
# Kinds that the classifier does not tell apart: levels of headings come after.
MERGED = {"subheading": "heading", "speaker": "turn"}
DIGITS = 2


@dataclass(frozen=True)
class PageLines:
    """Features and kinds of a page's lines, by source."""

    source: str
    features: list[list[str]]
    kinds: list[str]


def read_page(page: OutlinePage) -> PageLines:
    """Clean a page and label its lines by the raw lines that most of their characters are from."""
    cleaned = clean(page.text)
    lines = read_lines(cleaned.text)
    starts = {turn.speaker.start for turn in cleaned.turns}
    ruled = name_kinds(lines, [line.span.start in starts for line in lines])
    kind_at = np.full(len(page.text) + 1, -1)
    for i, labelled in enumerate(page.lines):
        kind_at[labelled.span.start : labelled.span.end] = i
    kinds = []
    for line in lines:
        votes = Counter(kind_at[cleaned.offsets[line.span.start : line.span.end]].tolist())
        kind = page.lines[votes.most_common(1)[0][0]].kind
        kinds.append(MERGED.get(kind, kind))
    return PageLines(page.source, read_features(lines, ruled), kinds)


def fit(pages: Sequence[PageLines]) -> LineClassifier:
    """Fit both stages; the second learns from what the first says of sources it has not seen."""
    kinds = tuple(sorted({kind for page in pages for kind in page.kinds}))
    first = _fit_stage(pages, [page.features for page in pages], kinds)
    unseen: dict[int, FloatArray] = {}
    for held in _split_sources(pages, N_INNER_FOLDS):
        stage = _fit_stage(
            [p for i, p in enumerate(pages) if i not in held],
            [p.features for i, p in enumerate(pages) if i not in held],
            kinds,
        )
        unseen |= {i: stage.score(pages[i].features) for i in held}
    added = [add_kinds(page.features, unseen[i], kinds) for i, page in enumerate(pages)]
    return LineClassifier(kinds, first, _fit_stage(pages, added, kinds))


def _fit_stage(
    pages: Sequence[PageLines], features: Sequence[list[list[str]]], kinds: Sequence[str]
) -> Stage:
    lines = [names for page in features for names in page]
    labels = np.array([kinds.index(kind) for page in pages for kind in page.kinds])
    sizes = Counter[str]()
    for page in pages:
        sizes[page.source] += len(page.kinds)
    weights = np.array([sizes[page.source] ** -0.5 for page in pages for _ in page.kinds])
    counts = Counter(name for names in lines for name in {*names} - {BIAS})
    rows = {name: i for i, name in enumerate(n for n, c in counts.items() if c >= MIN_LINES)}
    found = [[rows[name] for name in names if name in rows] for names in lines]
    ends = np.cumsum([0, *map(len, found)])
    flat = np.concatenate([np.array(f, dtype=np.int64) for f in found])
    table = csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(lines), len(rows)))
    table.sum_duplicates()
    regression = LogisticRegression(C=STRENGTH, max_iter=150, tol=1e-3)
    regression.fit(table, labels, sample_weight=weights / weights.mean())
    fitted = np.full((len(rows), len(kinds)), 0.0, np.float32)
    fitted[:, regression.classes_] = regression.coef_.T
    missing = sorted(set(range(len(kinds))) - set(regression.classes_.tolist()))
    fitted[:, missing] = -1.0
    bias = np.full(len(kinds), -9.0, np.float32)
    bias[regression.classes_] = regression.intercept_
    return Stage({**rows, BIAS: len(rows)}, np.vstack([fitted, bias]))


def _split_sources(pages: Sequence[PageLines], n_folds: int) -> list[list[int]]:
    """Deal the sources out to folds, the largest first."""
    sizes = Counter(page.source for page in pages)
    folds: list[list[str]] = [[] for _ in range(min(n_folds, len(sizes)))]
    for source, _ in sizes.most_common():
        min(folds, key=lambda fold: sum(sizes[s] for s in fold)).append(source)
    return [[i for i, page in enumerate(pages) if page.source in fold] for fold in folds]


def write(classifier: LineClassifier, path: Path) -> None:
    """Write the weights as `model.outline.classify.load_classifier` reads them."""
    rows = ["\t".join(classifier.kinds)]
    for number, stage in (("1", classifier.first), ("2", classifier.second)):
        for name, row in stage.rows.items():
            numbers = [f"{w:.{DIGITS}f}".replace("-0.00", "0.00") for w in stage.weights[row]]
            if any(float(number) for number in numbers):
                rows.append("\t".join([number, name, *(f"{float(x):g}" for x in numbers)]))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def main(
    out: Annotated[Path, typer.Argument(help="the file of weights")] = WEIGHTS,
    errors: Annotated[
        bool, typer.Option(help="only measure on unseen sources; list errors")
    ] = False,
) -> None:
    """Fit the line classifier on the labelled pages."""
    labelled, n_missing = resolve_pages()
    if n_missing:
        print(f"注意：{n_missing} 篇的原文不在手边（见 YIWEN_TEXTS），未用")
    if not labelled:
        raise InputError("手边没有一篇标注了版式的文章", code="no_articles")
    pages = [read_page(page) for page in labelled]
    right = Counter[str]()
    sizes = Counter[str]()
    wrong = Counter[tuple[str, str]]()
    for held in _split_sources(pages, N_FOLDS):
        classifier = fit([page for i, page in enumerate(pages) if i not in held])
        for i in held:
            kinds, _ = classifier.classify(pages[i].features)
            sizes[pages[i].source] += len(kinds)
            right[pages[i].source] += sum(map(str.__eq__, kinds, pages[i].kinds))
            wrong.update((a, b) for a, b in zip(pages[i].kinds, kinds, strict=True) if a != b)
    for source in sorted(sizes):
        print(f"{source:50} {right[source] / sizes[source]:.3f} of {sizes[source]}")
    print(f"all {right.total() / sizes.total():.3f} of {sizes.total()}")
    print("; ".join(f"{a} as {b} {n}" for (a, b), n in wrong.most_common(30)))
    if not errors:
        write(fit(pages), out)


if __name__ == "__main__":
    run_command(main)
