"""How many articles people have confirmed, and how many of them as the model had them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from data.labels.corrections import Correction
from serving.corrections.store import read_corrections
from serving.home.schema import CorrectionRow


@dataclass(frozen=True)
class AcceptedCounts:
    """Confirmed articles; `n_unchanged` had nothing corrected, `by_theme` counts by theme key."""

    n_accepted: int
    n_unchanged: int
    by_theme: Mapping[str, int]


def count_accepted(store: Engine) -> AcceptedCounts:
    """Count the articles that a training from the store would learn from."""
    found: list[Correction] = read_corrections(store)
    by_theme = Counter(theme for one in found for theme in one.labelled.themes)
    return AcceptedCounts(len(found), _count_unchanged(store), by_theme)


def _count_unchanged(store: Engine) -> int:
    rows: dict[int, list[CorrectionRow]] = defaultdict(list)
    with Session(store) as session:
        for row in session.exec(select(CorrectionRow).order_by(col(CorrectionRow.number))):
            rows[row.document].append(row)
    return sum(len(of_one) == 1 and of_one[0].done for of_one in rows.values())
