"""Characters that count when texts are compared."""

from __future__ import annotations

import re

_NOT_WORD = re.compile(r"\W")


def strip_punctuation(text: str) -> str:
    """Remove punctuation and white space."""
    return _NOT_WORD.sub("", text)
