"""Text that remembers, for each of its characters, where in the pasted text it stood."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True)
class MappedText:
    """A text and the index of each of its characters in the original; steps return new ones."""

    text: str
    offsets: npt.NDArray[np.int32]

    @classmethod
    def from_raw(cls, raw: str) -> MappedText:
        """Start: every character stands for itself."""
        return cls(raw, np.arange(len(raw), dtype=np.int32))

    def replace_text(self, text: str) -> MappedText:
        """Put in a text of the same length, character for character.

        Raises:
            ValueError: the lengths differ.
        """
        if len(text) != len(self.text):
            raise ValueError(f"expected {len(self.text)} characters, found {len(text)}")
        return MappedText(text, self.offsets)

    def delete(self, spans: Iterable[tuple[int, int]]) -> MappedText:
        """Leave out the given stretches, which may overlap."""
        dropped = list(spans)
        if not dropped:
            return self
        keep = np.ones(len(self.text), dtype=bool)
        for start, end in dropped:
            keep[start:end] = False
        return self.keep(keep)

    def keep(self, mask: npt.NDArray[np.bool_]) -> MappedText:
        """Leave out every character whose entry in `mask`, shape (characters,), is false."""
        if mask.all():
            return self
        kept = np.flatnonzero(mask)
        return MappedText("".join([self.text[i] for i in kept]), self.offsets[kept])

    def take(self, spans: Iterable[tuple[int, int]]) -> MappedText:
        """Put the given stretches one behind the other, in the order given."""
        picked = [np.arange(start, end, dtype=np.int32) for start, end in spans]
        order = np.concatenate([np.empty(0, dtype=np.int32), *picked])
        return MappedText("".join([self.text[i] for i in order]), self.offsets[order])

    def line_spans(self) -> list[tuple[int, int]]:
        """Return the stretches between line breaks that are not empty."""
        return [match.span() for match in _LINE.finditer(self.text)]

    def delete_matches(self, pattern: re.Pattern[str]) -> MappedText:
        """Leave out every match, or its group `cut` where the pattern has one."""
        group = "cut" if "cut" in pattern.groupindex else 0
        return self.delete(m.span(group) for m in pattern.finditer(self.text))

    def substitute(self, pattern: re.Pattern[str], one: Callable[[str], str]) -> MappedText:
        """Replace every match by `one(match)`, which keeps the length."""
        return self.replace_text(pattern.sub(lambda m: one(m[0]), self.text))
