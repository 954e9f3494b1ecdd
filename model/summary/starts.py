"""Starts: words with which a clause goes on, and words with which a sentence begins.

In Chinese a clause behind a comma often leaves its subject to the one before; a sentence that
begins with the same words does, too. `starts.tsv` has how much likelier two or three characters
open a later clause than a sentence, counted by `python -m training.recipes.read_starts`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from model.summary.times import TIME

WEIGHTS = Path(__file__).with_name("starts.tsv")
# In logs: so much likelier, hardly one in a hundred of the sentences that open news begins so.
MIN_ODDS = 1.0
LENGTHS = (3, 2)
_TIME = re.compile(TIME)
_DIGIT = re.compile(r"\d")


def opens_midway(words: str) -> bool:
    """Whether words begin as the later clauses of sentences do."""
    start, odds = normalise(words), load_starts()
    return any(odds.get(start[:n], 0.0) >= MIN_ODDS for n in LENGTHS)


def measure_start(words: str) -> float | None:
    """Return the log-odds that words open a later clause; None where they are hardly ever seen."""
    start, odds = _DIGIT.sub("0", words[: LENGTHS[0]]), load_starts()
    return next((odds[start[:n]] for n in LENGTHS if start[:n] in odds), None)


def normalise(words: str) -> str:
    """Return the first characters behind a time, digits alike."""
    rest = words[_TIME.match(words).end() :]  # type: ignore[union-attr] # it matches nothing, too
    return _DIGIT.sub("0", (rest or words)[: LENGTHS[0]])


@cache
def load_starts(path: Path = WEIGHTS) -> dict[str, float]:
    """Read the starts: characters and their odds a line."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:])
    return {start: float(odds) for start, odds in rows}
