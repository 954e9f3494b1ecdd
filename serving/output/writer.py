"""`Writer`: what takes reports and problems, one after another, and makes a file of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

Record = dict[str, Any]


class Writer(ABC):
    """Takes reports and problems, as they are in JSON, in order; `close` finishes the file."""

    @abstractmethod
    def write(self, record: Record) -> None:
        """Write one result."""

    @abstractmethod
    def close(self) -> None:
        """Finish."""
