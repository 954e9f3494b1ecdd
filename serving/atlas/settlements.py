"""Settlements: what people say of contradictions, kept in the store; no row is ever altered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from model import InputError
from serving.atlas.atlas import Atlas
from serving.atlas.contradictions import Contradiction
from serving.atlas.facts import Fact, Receipt
from serving.home.library_tables import SettlementRow

REFUSED = "矛盾中未采纳"


class Verdict(StrEnum):
    """One statement is right, or the other, or both are; `OPEN` takes a verdict back."""

    ONE = "one"
    OTHER = "other"
    NEITHER = "neither"
    OPEN = "open"


VERDICT_NAMES = {
    Verdict.ONE: "采纳甲",
    Verdict.OTHER: "采纳乙",
    Verdict.NEITHER: "不是矛盾",
    Verdict.OPEN: "未定",
}


@dataclass(frozen=True)
class Settlement:
    """A verdict, who gave it and when."""

    verdict: Verdict
    by: str
    at: datetime


def settle(store: Engine, key: str, verdict: str, by: str = "") -> None:
    """Keep what a person says of a contradiction.

    Raises:
        InputError: there is no such verdict.
    """
    if verdict not in set(Verdict):
        raise InputError(f"没有“{verdict:.20}”这种结论；可用：{'、'.join(Verdict)}")
    row = SettlementRow(key=key, verdict=verdict, by=by, at=datetime.now(UTC))
    with Session(store) as session:
        session.add(row)
        session.commit()


def read_settlements(store: Engine) -> dict[str, Settlement]:
    """Return the newest verdict on each contradiction by its key; those taken back are left out."""
    with Session(store) as session:
        rows = session.exec(select(SettlementRow).order_by(col(SettlementRow.id)))
        found = {row.key: Settlement(Verdict(row.verdict), row.by, row.at) for row in rows}
    return {key: one for key, one in found.items() if one.verdict != Verdict.OPEN}


def apply_settlements(atlas: Atlas, settlements: Mapping[str, Settlement]) -> Atlas:
    """Return the atlas in which refused statements are in doubt; without settlements, itself."""
    refused = {
        (receipt.article, receipt.start)
        for one in atlas.contradictions
        if (settled := settlements.get(one.key)) is not None
        for receipt in _refused(one, settled.verdict)
    }
    if not refused:
        return atlas
    return replace(atlas, facts=tuple(_without(atlas.facts, refused)))


def _refused(one: Contradiction, verdict: Verdict) -> tuple[Receipt, ...]:
    return {Verdict.ONE: (one.other,), Verdict.OTHER: (one.one,)}.get(verdict, ())


def _without(facts: Iterable[Fact], refused: set[tuple[str, int]]) -> Iterable[Fact]:
    """Doubt the facts whose receipts were refused; their other receipts fall with them."""
    for fact in facts:
        if any((receipt.article, receipt.start) in refused for receipt in fact.receipts):
            yield replace(fact, doubts=(*fact.doubts, REFUSED))
        else:
            yield fact
