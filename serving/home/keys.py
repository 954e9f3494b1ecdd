"""Keys of programs that call the HTTP service: made, listed, revoked, found by what was presented.

A key is `yw_ID_SECRET`. The store has a SHA-256 of the secret, which is random and long, so that a
slow hash would add nothing. A revoked key stays as a row: a store that ever had keys demands one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from model import InputError
from serving.codes import NO_SUCH_KEY
from serving.home.schema import ApiKeyRow

MAX_NAME_CHARS = 64
DEFAULT_LIMIT = "600/min"
_MARK = "yw"
_SECRET_BYTES = 32
_UNITS_S = {"s": 1, "sec": 1, "min": 60, "h": 3600, "hour": 3600, "day": 86_400}
_LIMIT = re.compile(rf"([1-9]\d{{0,6}})/({'|'.join(_UNITS_S)})")
# Compared where there is no such key, so that the answer takes as long.
_NOBODY = hashlib.sha256(secrets.token_bytes(_SECRET_BYTES)).hexdigest()


class Scope(StrEnum):
    """What a key allows: to read what is there, to have articles analysed, to correct."""

    READ = "read"
    ANALYSE = "analyse"
    CORRECT = "correct"


@dataclass(frozen=True)
class Limit:
    """At most so many requests within so many seconds."""

    most: int
    within_s: float

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read `60/min`.

        Raises:
            InputError: it is none.
        """
        match = _LIMIT.fullmatch(text.strip())
        if match is None:
            raise InputError(f"限额“{text}”读不懂，应如 60/min、10/s、1000/day")
        return cls(int(match[1]), float(_UNITS_S[match[2]]))


@dataclass(frozen=True)
class ApiKey:
    """A key without its secret."""

    id: str
    name: str
    scopes: frozenset[Scope]
    limit: Limit
    added_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @property
    def state(self) -> str:
        """Whether it opens anything: `valid`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        is_over = self.expires_at is not None and self.expires_at <= datetime.now(UTC)
        return "expired" if is_over else "valid"


def add_key(
    store: Engine,
    name: str,
    scopes: Collection[Scope] = frozenset({Scope.READ, Scope.ANALYSE}),
    limit: str = DEFAULT_LIMIT,
    days: int | None = None,
) -> str:
    """Make a key and return it; it cannot be read again.

    Args:
        store: the store.
        name: whose it is; the audit log and the owner of batches go by it.
        scopes: what it allows.
        limit: how many requests, such as `60/min`.
        days: after how many it expires; None for never.

    Raises:
        InputError: the name is empty, too long or has a valid key, there is no scope, or the limit
            cannot be read.
    """
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME_CHARS or not name.isprintable():
        raise InputError(f"名字应有 1 到 {MAX_NAME_CHARS} 个字符")
    if not scopes:
        raise InputError(f"至少给一项权限：{'、'.join(Scope)}")
    Limit.parse(limit)
    if any(key.name == name and key.state == "valid" for key in list_keys(store)):
        raise InputError(f"{name} 已有密钥；要换，请先 revoke")
    now = datetime.now(UTC)
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(_SECRET_BYTES)
    row = ApiKeyRow(
        id=key_id, name=name, digest=_digest(secret), scopes=",".join(sorted(scopes)), rate=limit,
        added_at=now, expires_at=None if days is None else now + timedelta(days=days),
    )  # fmt: skip
    with Session(store) as session:
        session.add(row)
        session.commit()
    return f"{_MARK}_{key_id}_{secret}"


def list_keys(store: Engine) -> list[ApiKey]:
    """Return all keys, the oldest first."""
    with Session(store) as session:
        rows = session.exec(select(ApiKeyRow).order_by(col(ApiKeyRow.added_at)))
        return [_to_key(row) for row in rows]


def has_keys(store: Engine) -> bool:
    """Whether there is any key, or was."""
    with Session(store) as session:
        return session.exec(select(ApiKeyRow.id).limit(1)).first() is not None


def revoke_key(store: Engine, name: str) -> None:
    """Revoke the keys of a name.

    Raises:
        InputError: it has none that is not revoked.
    """
    mine = col(ApiKeyRow.name) == name.strip(), col(ApiKeyRow.revoked_at).is_(None)
    with store.begin() as connection:
        query = update(ApiKeyRow).where(*mine).values(revoked_at=datetime.now(UTC))
        if not connection.execute(query).rowcount:
            raise InputError(f"没有 {name} 的密钥", code=NO_SUCH_KEY, name=name)


def find_key(store: Engine, presented: str) -> ApiKey | None:
    """Return the valid key that a program presents, or None; both take the same time."""
    mark, _, rest = presented.partition("_")
    key_id, _, secret = rest.partition("_")
    with Session(store) as session:
        row = session.get(ApiKeyRow, key_id if key_id.isascii() and key_id.isalnum() else "")
        expected = row.digest if row else _NOBODY
        is_right = hmac.compare_digest(_digest(secret), expected)
        key = _to_key(row) if row else None
    return key if key and is_right and mark == _MARK and key.state == "valid" else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _to_key(row: ApiKeyRow) -> ApiKey:
    scopes = frozenset(map(Scope, row.scopes.split(",")))
    return ApiKey(
        row.id, row.name, scopes, Limit.parse(row.rate), _aware(row.added_at),
        row.expires_at and _aware(row.expires_at), row.revoked_at and _aware(row.revoked_at),
    )  # fmt: skip


def _aware(time: datetime) -> datetime:
    """SQLite gives times back without their zone."""
    return time if time.tzinfo else time.replace(tzinfo=UTC)
