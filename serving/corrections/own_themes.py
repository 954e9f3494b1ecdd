"""Themes that people make on the page: named, described, labelled at once, learned by a training.

An article says something of such a theme if it was confirmed after the theme was made: of those
confirmed before, nobody was asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from data.labelled import LabelledArticle, LabelledSentence
from data.labels.corrections import Correction
from data.themes import ThemeEntry
from model import InputError
from serving.home.schema import CorrectionRow, DocumentRow, OwnThemeRow

MAX_OWN = 20
MIN_POSITIVES = 5  # as in `training.recipes.continuation_plan`
_MAX_NAME, _MAX_DESCRIPTION = 12, 200
_KEY_DIGITS = 8


@dataclass(frozen=True)
class OwnTheme:
    """A theme that people made; `at` is when, with a time zone."""

    key: str
    name: str
    description: str
    at: datetime

    @property
    def entry(self) -> ThemeEntry:
        """The theme as a training takes it."""
        return ThemeEntry(self.key, self.name, self.description)


@dataclass(frozen=True)
class ThemeProgress:
    """Articles confirmed since a theme was made, and how many of them have it."""

    name: str
    n_with: int
    n_asked: int

    @property
    def is_enough(self) -> bool:
        """Whether a training can learn the theme."""
        return self.n_with >= MIN_POSITIVES


def add_theme(
    store: Engine, name: str, description: str, by: str, known: Mapping[str, str]
) -> OwnTheme:
    """Make a theme, which can be labelled from now on.

    Args:
        store: the store.
        name: its Chinese name.
        description: what it covers.
        by: who makes it.
        known: Chinese name of every theme of the model in use, by key.

    Raises:
        InputError: a field is empty or too long, the name is taken, or there are too many.
    """
    name, description = name.strip(), " ".join(description.split())
    if not name or not description:
        raise InputError("请写上主题的名称，以及它包括什么（一两句话）")
    if len(name) > _MAX_NAME or len(description) > _MAX_DESCRIPTION:
        raise InputError(f"名称最多 {_MAX_NAME} 字，说明最多 {_MAX_DESCRIPTION} 字")
    own = list_own(store)
    if name in known.values() or any(theme.name == name for theme in own):
        raise InputError(f"已经有主题“{name}”")
    if len(own) >= MAX_OWN:
        raise InputError(f"最多 {MAX_OWN} 个自己的主题")
    made = OwnTheme(_key_of(name), name, description, datetime.now(UTC))
    row = OwnThemeRow(
        key=made.key, name=name, description=description, by=by, at=made.at
    )  # fmt: skip
    with Session(store) as session:
        session.add(row)
        try:
            session.commit()
        except IntegrityError:
            raise InputError(f"已经有主题“{name}”") from None
    return made


def list_own(store: Engine) -> list[OwnTheme]:
    """Return the themes that people made, the oldest first."""
    with Session(store) as session:
        rows = session.exec(select(OwnThemeRow).order_by(col(OwnThemeRow.at)))
        return [OwnTheme(r.key, r.name, r.description, _aware(r.at)) for r in rows]


def with_own(store: Engine, known: Mapping[str, str]) -> dict[str, str]:
    """Return the names of a model's themes, and behind them those that people made."""
    return {**known, **{t.key: t.name for t in list_own(store) if t.key not in known}}


def count_progress(store: Engine, known: Mapping[str, str]) -> tuple[ThemeProgress, ...]:
    """Return how far each theme is that the model does not know yet."""
    unlearned = [theme for theme in list_own(store) if theme.key not in known]
    if not unlearned:
        return ()
    confirmed = _read_confirmed(store, min(theme.at for theme in unlearned))
    found = []
    for theme in unlearned:
        asked = [themes for at, themes in confirmed if at >= theme.at]
        n_with = sum(theme.key in themes for themes in asked)
        found.append(ThemeProgress(theme.name, n_with, len(asked)))
    return tuple(found)


def mark_unasked(
    corrections: Iterable[Correction], own: Iterable[OwnTheme], learned: Mapping[str, str]
) -> tuple[list[Correction], list[OwnTheme], list[ThemeProgress]]:
    """Prepare corrections for a training.

    Args:
        corrections: of the store, and of files.
        own: the themes that people made.
        learned: Chinese name of every theme of the model in use, by key.

    Returns:
        The corrections, where nobody was asked for a theme that was made later, and themes with too
        few articles are left out; the themes to learn; and those left out, with their counts.
    """
    found, wanted, left_out = list(corrections), list[OwnTheme](), list[ThemeProgress]()
    for theme in own:
        having = [theme.key in c.labelled.themes | c.labelled.borderline for c in found]
        asked = [has or _aware(c.at) >= theme.at for c, has in zip(found, having, strict=True)]
        n_with = sum(theme.key in c.labelled.themes for c in found)
        if theme.key not in learned and n_with < MIN_POSITIVES:
            left_out.append(ThemeProgress(theme.name, n_with, sum(asked)))
            found = [replace(c, labelled=_without(c.labelled, theme.key)) for c in found]
            continue
        wanted.append(theme)
        found = [
            c if is_asked else replace(c, labelled=_unasked(c.labelled, theme.key))
            for c, is_asked in zip(found, asked, strict=True)
        ]
    return found, wanted, left_out


def _read_confirmed(store: Engine, since: datetime) -> list[tuple[datetime, frozenset[str]]]:
    """Return when articles were confirmed that stand confirmed, and their themes."""
    row = CorrectionRow
    newest: dict[int, CorrectionRow] = {}
    with Session(store) as session:
        chosen = (
            select(row)
            .join(DocumentRow, col(DocumentRow.id) == col(row.document))
            .where(col(DocumentRow.done), col(row.done), col(row.at) >= since)
            .order_by(col(row.number))
        )
        for found in session.exec(chosen):
            newest[found.document] = found
    return [
        (_aware(found.at), frozenset(json.loads(found.labels or "{}").get("themes", ())))
        for found in newest.values()
    ]


def _unasked(labelled: LabelledArticle, key: str) -> LabelledArticle:
    return replace(labelled, unasked=labelled.unasked | {key})


def _without(labelled: LabelledArticle, key: str) -> LabelledArticle:
    gone = frozenset({key})
    sentences = labelled.sentences
    return replace(
        labelled,
        themes=labelled.themes - gone,
        borderline=labelled.borderline - gone,
        primary=None if labelled.primary == key else labelled.primary,
        sentences=None if sentences is None else tuple(_bare(s, gone) for s in sentences),
    )


def _bare(sentence: LabelledSentence, gone: frozenset[str]) -> LabelledSentence:
    return replace(
        sentence, themes=sentence.themes - gone, borderline=sentence.borderline - gone
    )  # fmt: skip


def _key_of(name: str) -> str:
    return f"own_{hashlib.sha256(name.encode()).hexdigest()[:_KEY_DIGITS]}"


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
