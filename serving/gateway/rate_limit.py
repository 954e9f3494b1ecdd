"""Sliding-window limit of events by key."""

from __future__ import annotations

from collections import OrderedDict, deque
from threading import Lock
from time import monotonic

MAX_KEYS = 10_000


class RateLimit:
    """At most so many events of one key within a time.

    Keys that strangers choose do not add up: those that were idle longest are dropped.
    """

    def __init__(self, most: int, within_s: float) -> None:
        self._most = most
        self._within_s = within_s
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str) -> bool:
        """Count one event, unless that were too many; return whether it was counted."""
        with self._lock:
            times = self._recent(key)
            if len(times) >= self._most:
                return False
            times.append(monotonic())
            return True

    def wait_s(self, key: str) -> float:
        """Return after how many seconds `take` would count an event again; 0 for at once."""
        with self._lock:
            times = self._recent(key)
            if len(times) < self._most:
                return 0.0
            return max(0.0, times[0] + self._within_s - monotonic())

    def give_back(self, key: str) -> None:
        """Take back the last event that was counted."""
        with self._lock:
            times = self._recent(key)
            if times:
                times.pop()

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._times)

    def _recent(self, key: str) -> deque[float]:
        times = self._times.setdefault(key, deque())
        self._times.move_to_end(key)
        while times and times[0] < monotonic() - self._within_s:
            times.popleft()
        while len(self._times) > MAX_KEYS:
            self._times.popitem(last=False)
        return times
