"""Fitting the seams of texts that lost their line breaks.

`python -m training.recipes.read_seams [OUT]`

It learns from the texts with line breaks in the files that `YIWEN_TEXTS` names, and writes the
weights to OUT, by default `model/summary/seams.tsv`. Before, it fits on four of five texts and
prints how often it is right on the others.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from data.command import run_command
from data.corpus.texts import named_places, read_texts
from model import InputError
from model.summary.seams import WEIGHTS, SeamFinder
from training.summary.seams import SeamExample, fit_seams, glue_lines

N_FOLDS = 5
MAX_EXAMPLES = 11_000
MIN_WEIGHT = 0.15


def read_examples(seed: int = 0) -> list[list[SeamExample]]:
    """Return the examples of each text at hand that has line breaks, in an order by chance."""
    drawn = random.Random(seed)  # noqa: S311 # no secret
    texts = sorted({text for _, text in read_texts(named_places()) if "\n" in text})
    drawn.shuffle(texts)
    found: list[list[SeamExample]] = []
    for text in texts:
        if sum(map(len, found)) >= MAX_EXAMPLES:
            break
        found.append(list(glue_lines(text, drawn)))
    return [own for own in found if own]


def measure(finder: SeamFinder, examples: Sequence[SeamExample]) -> dict[str, float]:
    """Return the share of seams found, and of those named that are right."""
    n_named = n_right = 0
    for example in examples:
        n_chars = finder.find(example.sentence, example.text, is_first=example.is_first)
        n_named += n_chars > 0
        n_right += 0 < n_chars == example.n_glued
    n_glued = sum(example.n_glued > 0 for example in examples)
    return {"precision": n_right / max(n_named, 1), "recall": n_right / max(n_glued, 1)}


def write_weights(finder: SeamFinder, path: Path) -> None:
    """Write the weights as `model.summary.seams.load_seams` reads them."""
    rows = [
        f"{name}\t{weight:.2f}"
        for name, weight in sorted(finder.weights.items())
        if abs(weight) >= MIN_WEIGHT and "\t" not in name
    ]
    path.write_text("\n".join(["feature\tweight", *rows]) + "\n", encoding="utf-8")


def main(out: Annotated[Path, typer.Argument(help="the file of weights")] = WEIGHTS) -> None:
    """Fit the finder of seams."""
    texts = read_examples()
    if len(texts) < N_FOLDS:
        raise InputError("手边没有几篇带换行的文章（见 YIWEN_TEXTS）", code="no_articles")
    held_out = [e for own in texts[::N_FOLDS] for e in own]
    others = [e for i, own in enumerate(texts) if i % N_FOLDS for e in own]
    scores = measure(fit_seams(others), held_out)
    shown = {name: round(value, 3) for name, value in scores.items()}
    print(f"{len(held_out)} 句未学过的：{shown}")
    write_weights(fit_seams([*others, *held_out]), out)
    print(f"已写入 {out}")


if __name__ == "__main__":
    run_command(main)
