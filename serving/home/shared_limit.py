"""How often keys may come, counted for all servers of a database together."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, insert, select, update
from sqlmodel import Session, col

from serving.home.clock import DatabaseNow
from serving.home.schema import ApiKeyRow
from serving.home.shared_tables import KeyCountRow, KeyUseRow

_count, _use = KeyCountRow, KeyUseRow


@dataclass(frozen=True)
class SharedLimit:
    """At most so many calls of one key within a time; methods as of `RateLimit`.

    The times of the last `most` calls of a key lie in a ring, so that a call looks at one of them.
    """

    store: Engine
    most: int
    within_s: float

    def take(self, key: str) -> bool:
        """Count a call, unless that were too many; return whether it was counted."""
        with Session(self.store) as session:
            # Calls of one key come one after another.
            mine = select(col(ApiKeyRow.id)).where(col(ApiKeyRow.id) == key)
            session.execute(mine.with_for_update()).first()
            n_calls, wait_s = self._look(session, key)
            if wait_s > 0:
                return False
            self._note(session, key, n_calls)
            session.commit()
            return True

    def wait_s(self, key: str) -> float:
        """Return after how many seconds `take` would count a call again; 0 for at once."""
        with Session(self.store) as session:
            return self._look(session, key)[1]

    def _look(self, session: Session, key: str) -> tuple[int, float]:
        """Return how many calls there were, and how long the next one has to wait."""
        query = select(col(_count.n_calls)).where(col(_count.key_id) == key)
        n_calls = session.execute(query).scalar() or 0
        oldest = select(col(_use.at) - DatabaseNow()).where(
            col(_use.key_id) == key, col(_use.slot) == n_calls % self.most
        )
        since = session.execute(oldest).scalar()
        return n_calls, 0.0 if since is None else max(0.0, since + self.within_s)

    def _note(self, session: Session, key: str, n_calls: int) -> None:
        slot = n_calls % self.most
        used = update(_use).where(col(_use.key_id) == key, col(_use.slot) == slot)
        if not session.connection().execute(used.values(at=DatabaseNow())).rowcount:
            session.execute(insert(_use).values(key_id=key, slot=slot, at=DatabaseNow()))
        counted = update(_count).where(col(_count.key_id) == key)
        if not session.connection().execute(counted.values(n_calls=n_calls + 1)).rowcount:
            session.execute(insert(_count).values(key_id=key, n_calls=1))
