"""Contradictions planted into reports: a number is changed where the text itself has it.

A plant is a copy of a real report in which one number reads otherwise, in its text and in its row;
no network is run again. Kinds: `across`, the same article of another source with another value;
`pair`, a stated change beside
its two values; `way`, a rise whose value is lower than before.
"""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, pairwise
from typing import Any

from serving.atlas.atlas import ArticleFacts
from serving.atlas.contradictions import Contradiction
from serving.atlas.facts import LEVEL

_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_FACTORS = (1.12, 1.3, 0.8, 0.7)
_SEED = 5
Row = dict[str, Any]


@dataclass(frozen=True)
class Plant:
    """Reports with a planted contradiction, in place of the one that they were made of.

    `numbers` are the offsets of the planted number in its report; `replaces` is empty where the
    report comes beside the real one.
    """

    kind: str
    records: tuple[Row, ...]
    start: int
    replaces: str
    words: str

    def is_told_by(self, found: Contradiction) -> bool:
        """Whether a contradiction is about the planted number or the pair that it belongs to."""
        id_ = str(self.records[0]["id"])
        near = (r for r in (found.one, found.other) if r.id == id_)
        return any(abs(r.start - self.start) <= _NEAR_CHARS for r in near)


_NEAR_CHARS = 60


def plant_contradictions(records: Sequence[Row], n: int) -> list[Plant]:
    """Return so many plants, the kinds in turn, as far as the reports have places for them."""
    draw = random.Random(_SEED)  # noqa: S311
    places: list[list[Plant]] = []
    for find in (_across, _pairs, _ways):
        found = [plant for record in records for plant in find(record, draw)]
        draw.shuffle(found)
        places.append(found)
    chosen: list[Plant] = []
    for kind in cycle(places):
        if len(chosen) == n or not any(places):
            break
        if kind:
            chosen.append(kind.pop())
    return chosen


def _across(record: Row, draw: random.Random) -> Iterator[Plant]:
    """Another source tells one sure level of a year that was over otherwise."""
    day = str(record.get("date") or "")[:10]
    for fact, row in zip(ArticleFacts.of(record).facts, record["figures"], strict=True):
        is_over = bool(day) and day[:4] > str(fact.year)
        if (
            fact.is_sure
            and fact.kind == LEVEL
            and len(fact.value) == 1
            and not fact.bound
            and is_over
        ):
            factors = draw.sample(_FACTORS, len(_FACTORS))
            made = next(filter(None, (_reworded(record, row, factor) for factor in factors)), None)
            if made is not None:
                other = {**made, "id": f"{record['id']}-x", "source": "另一家"}
                yield Plant("across", (other,), row["start"], "", row["sentence"])


def _pairs(record: Row, draw: random.Random) -> Iterator[Plant]:
    """A stated change beside the pair that it comes from reads otherwise."""
    rows = sorted(record["figures"], key=lambda row: row["start"])
    for low, high, change in zip(rows, rows[1:], rows[2:], strict=False):
        if _is_pair(low, high) and change["kind"] == "change" and _share_sentence(high, change):
            yield from _changed("pair", record, change, draw.sample((1.6, 2.0, 0.5), 3))


def _ways(record: Row, _: random.Random) -> Iterator[Plant]:
    """The value that something rose or fell to lies on the other side."""
    rows = sorted(record["figures"], key=lambda row: row["start"])
    for low, high in pairwise(rows):
        if _is_pair(low, high):
            gap = high["value"] - low["value"]
            factor = (low["value"] - gap / 2) / high["value"] if high["value"] else 0
            if factor > 0:
                yield from _changed("way", record, high, [factor])


def _changed(kind: str, record: Row, row: Row, factors: Sequence[float]) -> Iterator[Plant]:
    made = next(filter(None, (_reworded(record, row, factor) for factor in factors)), None)
    if made is not None:
        yield Plant(kind, (made,), row["start"], str(record["id"]), row["sentence"])


def _is_pair(low: Row, high: Row) -> bool:
    is_exact = not any(isinstance(row["value"], list) or row["bound"] for row in (low, high))
    near = high["start"] - low["end"] <= _NEAR_CHARS // 3
    return (
        low["kind"] == "from"
        and high["kind"] == "level"
        and is_exact
        and near
        and (low["unit"] == high["unit"] and _share_sentence(low, high))
    )


def _share_sentence(one: Row, other: Row) -> bool:
    return bool(one["sentence"] == other["sentence"])


def _reworded(record: Row, row: Row, factor: float) -> Row | None:
    """Return the report with one number times a factor, in as many characters; None if not so."""
    printed = row["text"]
    digits = _DIGITS.search(printed)
    if digits is None or isinstance(row["value"], list) or not row["value"]:
        return None
    decimals = len(digits[0].partition(".")[2])
    number = f"{float(digits[0]) * factor:.{decimals}f}"
    if len(number) != len(digits[0]) or number == digits[0]:
        return None
    text = printed[: digits.start()] + number + printed[digits.end() :]
    value = row["value"] * float(number) / float(digits[0])
    made: Row = copy.deepcopy(record)
    made["text"] = _put(made["text"], row["start"], text)
    at = record["text"].find(row["sentence"], max(0, row["start"] - len(row["sentence"])))
    for other in made["figures"]:
        if other["sentence"] == row["sentence"] and at >= 0:
            other["sentence"] = _put(other["sentence"], row["start"] - at, text)
        if other["start"] == row["start"]:
            other["text"], other["value"] = text, round(value, 6)
    return made


def _put(text: str, at: int, part: str) -> str:
    return text[:at] + part + text[at + len(part) :]
