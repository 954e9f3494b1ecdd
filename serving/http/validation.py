"""What is wrong with a request, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from serving.http.problems import FieldError, RequestError

_MAX_ERRORS = 20
_BAD_JSON = "json_invalid"


class InvalidRequestError(RequestError):
    """A request that does not match its schema."""

    def __init__(self, errors: Iterable[Mapping[str, Any]]) -> None:
        self.errors = [
            FieldError(where=".".join(map(str, error["loc"])), message=str(error["msg"])[:300])
            for error in errors
        ][:_MAX_ERRORS]
        shown = "；".join(f"{error.where} {error.message}" for error in self.errors[:3])
        super().__init__(shown, code="invalid_request")


def refuse_invalid(errors: Iterable[Mapping[str, Any]]) -> NoReturn:
    """Refuse a request by what pydantic found.

    Raises:
        RequestError: always; `InvalidRequestError` where the body is JSON.
    """
    found = list(errors)
    if any(error["type"] == _BAD_JSON for error in found):
        raise RequestError(str(found[0]["msg"])[:300], code="bad_json")
    raise InvalidRequestError(found)
