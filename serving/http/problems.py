"""Errors as RFC 9457 has them: a JSON object with status, title and detail; the code is ours.

An error's `code` is looked up in `problems.toml`; one that is not there counts by its class.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from model import InputError, ModelError, YiwenError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = "retry_after_s"  # field of an error: when to try again
# What any route that asks for a key may refuse with.
REFUSALS = ("no_key", "wrong_scope", "too_many_requests", "invalid_request")
_TYPE = "urn:yiwen:problem:"
_FILE = Path(__file__).with_name("problems.toml")


class FieldError(BaseModel):
    """One field of a request that does not match its schema."""

    where: str
    message: str


class Problem(BaseModel):
    """An error (RFC 9457). Programs go by `code`; `detail` is for people, in Chinese."""

    type: str
    title: str
    title_en: str
    status: int = Field(ge=400, le=599)
    detail: str
    code: str
    errors: list[FieldError] = []


class RequestError(YiwenError):
    """A request that is refused; its code says why."""


@cache
def known_problems() -> Mapping[str, Mapping[str, Any]]:
    """Return status and titles by code."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def code_of(error: YiwenError) -> str:
    """Return the code under which an error is reported."""
    if error.code in known_problems():
        return error.code
    if isinstance(error, InputError):
        return "unusable_input"
    return "model_unusable" if isinstance(error, ModelError) else "internal"


def describe_problem(code: str, detail: str = "", errors: Sequence[FieldError] = ()) -> Problem:
    """Return the problem of a code."""
    known = known_problems()[code]
    return Problem(
        type=_TYPE + code, title=known["zh"], title_en=known["en"], status=known["status"],
        detail=detail or known["zh"], code=code, errors=list(errors),
    )  # fmt: skip


def respond_with(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response of a problem."""
    return JSONResponse(
        problem.model_dump(exclude_defaults=True), problem.status, headers, MEDIA_TYPE
    )


def respond_to(error: YiwenError) -> Response:
    """Return the response to an error; one of the model does not name folders of the machine."""
    code = code_of(error)
    detail = "" if code in {"model_unusable", "internal"} else str(error)
    headers = {}
    if (wait_s := error.fields.get(RETRY_AFTER_S)) is not None:
        headers["Retry-After"] = str(wait_s)
    if code == "no_key":
        headers["WWW-Authenticate"] = "Bearer"
    return respond_with(describe_problem(code, detail), headers)


def document_problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Return FastAPI's `responses` for what a route may refuse with."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        known = known_problems()[code]
        entry = found.setdefault(known["status"], _document_status())
        entry["description"] = "; ".join(
            filter(None, (entry["description"], f"{code}: {known['en']}"))
        )
    return found


def _document_status() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": "", "content": {MEDIA_TYPE: {"schema": schema}}}
