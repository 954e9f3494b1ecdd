"""Replies by Idempotency-Key that all servers of a database share."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from serving.home.clock import read_clock
from serving.home.shared_tables import KeptReplyRow
from serving.http.problems import RequestError
from serving.http.replies import KEEP_S

# A request that is under way for so long was cut, and may be begun again.
UNDER_WAY_S = 300.0
_row = KeptReplyRow


@dataclass(frozen=True)
class SharedReplies:
    """The replies of the last hour, whichever server gave them; methods as of `Replies`."""

    store: Engine
    keep_s: float = KEEP_S
    under_way_s: float = UNDER_WAY_S

    def begin(self, owner: str, key: str, digest: str) -> bytes | None:
        """Return the reply that there is, or None and wait for `finish` or `give_up`.

        Raises:
            RequestError: a request with this key is under way, or had another content.
        """
        now = read_clock(self.store)
        self._forget(now)
        values = {"owner": owner, "key": key, "digest": digest, "begun": now}
        try:
            with self.store.begin() as connection:
                connection.execute(insert(_row).values(**values))
        except IntegrityError:
            return self._look_up(owner, key, digest)
        return None

    def finish(self, owner: str, key: str, reply: bytes) -> None:
        """Keep the reply."""
        mine = update(_row).where(col(_row.owner) == owner, col(_row.key) == key)
        with self.store.begin() as connection:
            connection.execute(mine.values(reply=reply))

    def give_up(self, owner: str, key: str) -> None:
        """Let a request with this key be tried again."""
        mine = delete(_row).where(col(_row.owner) == owner, col(_row.key) == key)
        with self.store.begin() as connection:
            connection.execute(mine)

    def _look_up(self, owner: str, key: str, digest: str) -> bytes | None:
        with Session(self.store) as session:
            kept = session.get(_row, (owner, key))
        if kept is not None and kept.digest != digest:
            raise RequestError("请换一个 Idempotency-Key", code="key_reused")
        if kept is None or kept.reply is None:
            raise RequestError("请等它完成", code="key_in_use", retry_after_s=1)
        return kept.reply

    def _forget(self, now: float) -> None:
        """Drop what is too old, and the requests that a server left when it was lost."""
        is_cut = col(_row.reply).is_(None) & (col(_row.begun) < now - self.under_way_s)
        is_old = col(_row.begun) < now - self.keep_s
        with self.store.begin() as connection:
            connection.execute(delete(_row).where(is_cut | is_old))
