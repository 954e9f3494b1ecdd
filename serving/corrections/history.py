"""What follows from a log of changes: the row in force, by whom, whether people differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from serving.home.schema import CorrectionRow


def row_in_force(rows: Sequence[CorrectionRow]) -> CorrectionRow | None:
    """Return the row in force after these: the last one, or the one that it goes back to."""
    if not rows or rows[-1].labels is not None:
        return rows[-1] if rows else None
    return next((row for row in rows if row.number == rows[-1].restores), None)


def rows_not_undone(rows: Sequence[CorrectionRow]) -> Iterator[CorrectionRow]:
    """Yield the rows that were not undone, the newest first."""
    by_number = {row.number: row for row in rows}
    row = row_in_force(rows)
    while row is not None:
        yield row
        row = by_number.get(row.previous or 0)


def latest_row(
    rows: Sequence[CorrectionRow], by: str | None, unaccepted: bool
) -> CorrectionRow | None:
    """Return the row in force, or the last of one person's."""
    log = rows_not_undone(rows)
    if by is not None:
        own = (row for row in log if row.by == by and (row.done or unaccepted))
        return next(own, None)
    row = next(log, None)
    return row if row is not None and (row.done or unaccepted) else None


def is_disputed(rows: Sequence[CorrectionRow]) -> bool:
    """Whether the last two people who accepted the article differ in its themes."""
    answers: dict[str, tuple[set[str], set[str]]] = {}
    for row in rows_not_undone(rows):
        if row.done and row.by not in answers:
            labels = json.loads(row.labels or "{}")
            answers[row.by] = set(labels.get("themes", ())), set(labels.get("borderline", ()))
    last_two = list(answers.values())[:2]
    return any(answer != last_two[0] for answer in last_two)
