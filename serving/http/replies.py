"""Replies by Idempotency-Key: a request that is sent again gets the reply it had."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from serving.http.problems import RequestError

MAX_BYTES = 64_000_000
KEEP_S = 3600.0


def digest_of(parts: Iterable[bytes]) -> str:
    """Return a hash of a request's content."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


@dataclass
class _Kept:
    digest: str
    begun: float
    reply: bytes | None = None


class Replies:
    """The replies of the last hour, as far as there is room; they are gone after a restart.

    Analysing has no effect but its reply, so that a reply that was lost can be made again.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, keep_s: float = KEEP_S) -> None:
        self._max_bytes = max_bytes
        self._keep_s = keep_s
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._n_bytes = 0
        self._lock = Lock()

    def begin(self, owner: str, key: str, digest: str) -> bytes | None:
        """Return the reply that there is, or None and wait for `finish` or `give_up`.

        Raises:
            RequestError: a request with this key is under way, or had another content.
        """
        with self._lock:
            self._forget()
            kept = self._kept.get((owner, key))
            if kept is None:
                self._kept[owner, key] = _Kept(digest, monotonic())
                return None
            if kept.digest != digest:
                raise RequestError("请换一个 Idempotency-Key", code="key_reused")
            if kept.reply is None:
                raise RequestError("请等它完成", code="key_in_use", retry_after_s=1)
            return kept.reply

    def finish(self, owner: str, key: str, reply: bytes) -> None:
        """Keep the reply."""
        with self._lock:
            if kept := self._kept.get((owner, key)):
                kept.reply = reply
                self._n_bytes += len(reply)
            self._forget()

    def give_up(self, owner: str, key: str) -> None:
        """Let a request with this key be tried again."""
        with self._lock:
            self._drop((owner, key))

    def _forget(self) -> None:
        """Drop what is too old or too much, the oldest first."""
        oldest = monotonic() - self._keep_s
        for place, kept in list(self._kept.items()):
            is_over = self._n_bytes > self._max_bytes
            if kept.begun >= oldest and not is_over:
                break
            if kept.reply is not None or kept.begun < oldest:
                self._drop(place)

    def _drop(self, place: tuple[str, str]) -> None:
        kept = self._kept.pop(place, None)
        if kept and kept.reply is not None:
            self._n_bytes -= len(kept.reply)
