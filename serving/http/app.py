"""The HTTP service as an application: its routes, and what stands before them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp

from model import YiwenError
from serving.gateway.origins import Origins
from serving.http import articles, batches, briefs, corrections, facts, health, models, searching
from serving.http.body_limit import ARTICLE_BYTES, BATCH_BYTES, BodyLimit, BodyTooLargeError
from serving.http.calls import Observation
from serving.http.corrections import CorrectionRequest
from serving.http.docs import PATH as DOCS
from serving.http.docs import serve_docs
from serving.http.problems import Problem, describe_problem, respond_to, respond_with
from serving.http.service import Service
from serving.http.validation import InvalidRequestError

VERSION = "1"
LIMITS = {"/v1/articles": ARTICLE_BYTES, "/v1/batches": BATCH_BYTES}
PATHS = ("/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json", DOCS)
_DESCRIPTION = (
    "医闻阅读中文医疗卫生新闻：主题、关键数字、摘要。"
    "出错时返回 RFC 9457 的 JSON，程序请看 `code`。\n\n"
    "Yiwen reads Chinese health-care news: themes, key figures, summary. Errors are JSON as in "
    "RFC 9457; programs go by `code`."
)
_STORE_RETRY_S = "5"
_BY_STATUS = {404: "not_found", 405: "method_not_allowed"}


def build_app(service: Service) -> FastAPI:
    """Build the application: routes and errors, without what stands before them."""
    app = FastAPI(
        title="医闻 Yiwen", version=VERSION, description=_DESCRIPTION, docs_url=None, redoc_url=None
    )
    app.state.service = service
    for module in (articles, batches, searching, briefs, facts, corrections, models, health):
        app.include_router(module.router)
    serve_docs(app)
    app.add_exception_handler(YiwenError, _answer_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(OperationalError, _answer_store_away)
    app.add_exception_handler(Exception, _answer_unexpected)
    _document_models(app)
    return app


def guard_app(service: Service, hosts: Iterable[str]) -> ASGIApp:
    """Return the application behind its guard.

    Args:
        service: what the routes share.
        hosts: host names that are served without a key, besides those of this machine.
    """
    limited = BodyLimit(build_app(service), LIMITS)
    observed = Observation(limited, service.metrics, service.audit)
    return Origins(observed, hosts, service.access.needs_key, _refuse_site)


def _refuse_site(_: str) -> Response:
    return respond_with(describe_problem("other_site"))


async def _answer_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, YiwenError)  # noqa: S101 # registered for it
    if isinstance(error, InvalidRequestError):
        return respond_with(describe_problem(error.code, str(error), error.errors))
    return respond_to(error)


async def _answer_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 # registered for it
    if any(found["type"] == "json_invalid" for found in error.errors()):
        return respond_with(describe_problem("bad_json"))
    found = InvalidRequestError(error.errors())
    return respond_with(describe_problem(found.code, str(found), found.errors))


async def _answer_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 # registered for it
    if isinstance(error.__cause__, BodyTooLargeError):
        return respond_to(error.__cause__)
    code = _BY_STATUS.get(error.status_code, "bad_json")
    return respond_with(describe_problem(code), error.headers)


async def _answer_store_away(_: Request, __: Exception) -> Response:
    """Answer that the database cannot be reached now, without a word of where it is."""
    return respond_with(describe_problem("store_away"), {"Retry-After": _STORE_RETRY_S})


async def _answer_unexpected(_: Request, __: Exception) -> Response:
    """Answer without a word of the error, which the server's log has."""
    return respond_with(describe_problem("internal"))


def _document_models(app: FastAPI) -> None:
    """Put schemas into the OpenAPI document that routes name but FastAPI does not find."""
    make = app.openapi

    def make_with_models() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        document = make()
        schemas = document["components"]["schemas"]
        template = "#/components/schemas/{model}"
        for model in (Problem, CorrectionRequest):
            schema = model.model_json_schema(ref_template=template)
            schemas.update(schema.pop("$defs", {}))
            schemas[model.__name__] = schema
        return document

    app.openapi = make_with_models  # type: ignore[method-assign]
