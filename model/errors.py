"""The error tree.

    YiwenError              anything that Yiwen raises on purpose
    ├── InputError          a text, file or label that cannot be used
    └── ModelError          a model folder or weight file that cannot be used

A message reaches users, so it is Chinese, and tells what was expected and what was found. Remedies
differ between the command line and the page and are no part of the message: an error carries a
`code` and `fields`, from which each face adds its own advice.
"""

from __future__ import annotations

from typing import Any


class YiwenError(Exception):
    """Root of all errors that Yiwen raises on purpose.

    Args:
        message: what happened, in Chinese.
        code: the kind of error, for programs; empty where no face tells it from other errors.
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
