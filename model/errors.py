"""The error tree.

    YiwenError              anything that Yiwen raises on purpose
    ├── InputError          a text, file or label that cannot be used
    └── ModelError          a model folder or weight file that cannot be used

A message is Chinese, as it reaches users, and says what was expected and what was found. What a
reader of it can do differs between the command line and the page, so it is not said here: an error
carries a `code` and `fields`, and each face adds its own advice by them.
"""

from __future__ import annotations

from typing import Any


class YiwenError(Exception):
    """Root of all errors that Yiwen raises on purpose.

    Args:
        message: what happened, in Chinese.
        code: the kind of error, for programs; empty where nobody has to tell it from others.
        fields: its facts, by name; plain values, since errors travel between processes.
    """

    def __init__(self, message: str = "", *, code: str = "", **fields: object) -> None:
        super().__init__(message)
        self.code = code
        self.fields = fields

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the code and the fields as well."""
        return type(self), self.args, {"code": self.code, "fields": self.fields}


class InputError(YiwenError):
    """A text, file or label that cannot be used."""


class ModelError(YiwenError):
    """A model folder or weight file that cannot be used."""
