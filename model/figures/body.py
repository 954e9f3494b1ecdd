"""Body: the hospital, county, office or company that a figure is about."""

from __future__ import annotations

from model.names import Cast
from model.names.subjects import NOBODY, OF_FIGURE, Target
from model.spans import Span

# `全县`, `全市` name a whole even where the text does not say which.
_WHOLE = "全"


class BodyFinder:
    """Finds whom the figures of one article are about, among the names of its cast."""

    def __init__(self, text: str, cast: Cast) -> None:
        self._text = text
        self._finder = cast.finder

    def find(self, start: int, sentence: int, *, own_only: bool = False) -> Span | None:
        """Return the body that a figure is about, or None where no name is near.

        Args:
            start: where the figure starts.
            sentence: the number of its sentence.
            own_only: look no further than that sentence.
        """
        target = Target(sentence, start, OF_FIGURE)
        body = self._finder.choose(target, own_only=own_only)
        if body != NOBODY:
            return self._finder.span_of(body, start)
        pointer = self._finder.pointer_before(target)
        return pointer if pointer and pointer.of(self._text)[0] == _WHOLE else None
