"""What a log of changes amounts to: what holds, whose last word it is, whether people differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from serving.home.schema import CorrectionRow


def held_row(rows: Sequence[CorrectionRow]) -> CorrectionRow | None:
    """Return the row in force after these: the last one, or the one that it goes back to."""
    if not rows or rows[-1].labels is not None:
        return rows[-1] if rows else None
    return next((row for row in rows if row.number == rows[-1].restores), None)


def live(rows: Sequence[CorrectionRow]) -> Iterator[CorrectionRow]:
    """Yield the rows that were not undone, the newest first."""
    by_number = {row.number: row for row in rows}
    row = held_row(rows)
    while row is not None:
        yield row
        row = by_number.get(row.previous or 0)


def last_word(
    rows: Sequence[CorrectionRow], by: str | None, unaccepted: bool
) -> CorrectionRow | None:
    """Return what holds now, or the last that one person said."""
    log = live(rows)
    if by is not None:
        own = (row for row in log if row.by == by and (row.done or unaccepted))
        return next(own, None)
    row = next(log, None)
    return row if row is not None and (row.done or unaccepted) else None


def is_disputed(rows: Sequence[CorrectionRow]) -> bool:
    """Tell whether the last two people who accepted the article differ in its themes."""
    said: dict[str, tuple[set[str], set[str]]] = {}
    for row in live(rows):
        if row.done and row.by not in said:
            labels = json.loads(row.labels or "{}")
            said[row.by] = set(labels.get("themes", ())), set(labels.get("borderline", ()))
    answers = list(said.values())[:2]
    return any(answer != answers[0] for answer in answers)
