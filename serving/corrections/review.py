"""The queue of articles that a person should look at: what is in it, why, and what comes first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Engine, func, or_, update
from sqlmodel import Session, col, select

from data.labels.review_queue import choose_for_review, to_topics, uncertainty
from data.readers import SCAN_SUFFIXES, SUFFIXES
from serving.corrections.labels import Answer
from serving.corrections.store import keep_answer
from serving.home.schema import AnswerRow, DocumentRow, QueueRow

# Reasons, in the words of `wording.toml`.
IN_BAND, NEW_SOURCE, DISPUTED, GIVEN = "band", "new", "disputed", "given"
# So many articles of a source are read before it is no longer new.
NEW_SOURCE_ARTICLES = 3
# So many are chosen with an eye to one another, out of so many of the most undecided: nobody labels
# more at a sitting, and the queue of a whole archive is ordered in a second or two.
N_CHOSEN, N_COMPARED = 200, 500


@dataclass(frozen=True)
class QueueCandidate:
    """An article in the queue, as `rank_for_review` sees it."""

    document: int
    text: str
    scores: dict[str, float]
    review: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Waiting:
    """An article in the queue; `reason` is one of those above."""

    document: int
    title: str
    source: str
    reason: str


class Added(NamedTuple):
    """How many articles were given, and how many of them came into the queue."""

    n_given: int
    n_added: int


def rank_for_review(candidates: Sequence[QueueCandidate]) -> list[float]:
    """Return a priority for every article that waits, the highest to be looked at first.

    Those in the review band come before all others; of each kind first those that teach most,
    undecided and unlike one another, then the rest by how undecided they are.
    """
    priorities = [0.0] * len(candidates)
    for is_in_band in (True, False):
        places = [i for i, c in enumerate(candidates) if bool(c.review) is is_in_band]
        for rank, place in enumerate(_order([candidates[i] for i in places])):
            priorities[places[place]] = is_in_band + 1 - rank / len(places)
    return priorities


def _order(candidates: Sequence[QueueCandidate]) -> list[int]:
    """Return candidates' places, the one to be looked at first at the beginning."""
    if not candidates:
        return []
    doubt = np.array([[_least_certain(c)] for c in candidates])
    order = [int(i) for i in np.argsort(-uncertainty(doubt), kind="stable")]
    compared = order[:N_COMPARED]
    topics = to_topics([candidates[i].text for i in compared])
    first = choose_for_review(doubt[compared], topics, N_CHOSEN)
    return list(dict.fromkeys([*(compared[i] for i in first), *order]))


def add_to_queue(store: Engine, answers: Iterable[Answer], by: str, *, only_needed: bool) -> Added:
    """Put articles into the queue and order it anew.

    Args:
        store: the store.
        answers: the articles, each with what the model said of it.
        by: who adds them.
        only_needed: leave out those that are neither in the review band nor from a new source.
    """
    seen = _count_sources(store)
    n_given = n_added = 0
    for answer in answers:
        n_given += 1
        source = source_name(answer.labelled.source)
        reason = _find_reason(answer, seen[source])
        if only_needed and reason == GIVEN:
            continue
        document = keep_answer(store, answer)
        n_added += _enter(store, document, reason, by)
        seen[source] += 1
    _rank(store)
    return Added(n_given, n_added)


def count_waiting(store: Engine) -> int:
    """Return how many articles wait."""
    with Session(store) as session:
        waiting = select(func.count()).select_from(QueueRow).join(DocumentRow)
        return session.exec(waiting.where(_is_open())).one()


def list_waiting(store: Engine, limit: int) -> list[Waiting]:
    """Return the articles that wait, the first to be looked at first."""
    with Session(store) as session:
        found = session.exec(
            select(QueueRow, DocumentRow)
            .join(DocumentRow)
            .where(_is_open())
            .order_by(
                col(DocumentRow.disputed).desc(),
                col(QueueRow.priority).desc(),
                col(QueueRow.document),
            )
            .limit(limit)
        )
        return [
            Waiting(
                row.document,
                document.title or document.text[:30],
                source_name(document.source),
                DISPUTED if document.disputed else row.reason,
            )
            for row, document in found
        ]


def is_in_queue(store: Engine, document: int) -> bool:
    """Whether an article is in the queue, or was until it was accepted."""
    with Session(store) as session:
        return session.get(QueueRow, document) is not None


def leave_queue(store: Engine, document: int) -> None:
    """Take an article out of the queue; the article and its corrections stay."""
    with Session(store) as session:
        row = session.get(QueueRow, document)
        if row is not None:
            session.delete(row)
            session.commit()


def source_name(source: str) -> str:
    """Return whom an article is from: a site, a folder, or a name as given; a file is nobody."""
    if "://" in source:
        return source.split("/")[2]
    path = PurePath(source)
    if path.suffix.lower() not in {*SUFFIXES, *SCAN_SUFFIXES}:
        return source
    return path.parent.name


def _least_certain(candidate: QueueCandidate) -> float:
    return min(candidate.scores.values(), key=lambda score: abs(score - 0.5), default=0.0)


def _find_reason(answer: Answer, n_of_source: int) -> str:
    if answer.review:
        return IN_BAND
    is_new = bool(answer.labelled.source) and n_of_source < NEW_SOURCE_ARTICLES
    return NEW_SOURCE if is_new else GIVEN


def _is_open() -> ColumnElement[bool]:
    return or_(col(DocumentRow.done).is_(False), col(DocumentRow.disputed))


def _count_sources(store: Engine) -> Counter[str]:
    """How many articles of each source are in the queue, or were."""
    with Session(store) as session:
        sources = session.exec(select(DocumentRow.source).join(QueueRow))
        return Counter(map(source_name, sources))


def _enter(store: Engine, document: int, reason: str, by: str) -> bool:
    with Session(store) as session:
        if session.get(QueueRow, document) is not None:
            return False
        now = datetime.now(UTC)
        session.add(QueueRow(document=document, reason=reason, priority=0.0, by=by, added_at=now))
        session.commit()
    return True


def _rank(store: Engine) -> None:
    """Give every article that waits its priority; one that leaves meanwhile is passed over."""
    with Session(store) as session:
        newest = select(func.max(AnswerRow.id)).group_by(col(AnswerRow.document))
        found = session.exec(
            select(QueueRow, DocumentRow, AnswerRow)
            .join(DocumentRow, col(QueueRow.document) == DocumentRow.id)
            .join(AnswerRow, col(AnswerRow.document) == DocumentRow.id)
            .where(_is_open(), col(AnswerRow.id).in_(newest))
        ).all()
        candidates = [
            QueueCandidate(
                row.document,
                document.text,
                json.loads(answer.scores),
                tuple(json.loads(answer.review)),
                source_name(document.source),
            )
            for row, document, answer in found
        ]
        priorities = rank_for_review(candidates)
        for candidate, priority in zip(candidates, priorities, strict=True):
            row = col(QueueRow.document) == candidate.document
            session.exec(update(QueueRow).where(row).values(priority=priority))
        session.commit()
