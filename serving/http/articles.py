"""`POST /v1/articles`: one article, as text, HTML or file; its report comes back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from anyio import CancelScope, to_thread
from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from model.summary import DEFAULT_CHARS, MAX_CHARS, MIN_CHARS, PAGE_CHARS, PAGE_MIN_CHARS
from serving.analysis.submissions import SubmittedFile, SubmittedText
from serving.analysis.worker import Task
from serving.home.keys import Scope
from serving.http.access import Caller, caller_with
from serving.http.problems import RequestError, document_problems
from serving.http.replies import digest_of
from serving.http.report_schema import ArticleReport
from serving.http.service import Service
from serving.http.validation import refuse_invalid

router = APIRouter(tags=["articles"])
JSON_TYPE, FORM_TYPE = "application/json", "multipart/form-data"
MAX_KEY_CHARS = 200
_SHORT = 1_000  # characters of an id, title, date or source
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1, max_length=MAX_KEY_CHARS,
        description="同一请求重发时用同一个，不会重做。Send again with the same key: done once.",
    ),
]  # fmt: skip


class ArticleText(BaseModel):
    """An article as text; HTML, Markdown and mail are recognised and cleaned."""

    model_config = ConfigDict(strict=True, extra="forbid")
    text: str = Field(min_length=1, max_length=8_000_000, examples=["云岭县组建紧密型医共体……"])
    id: str | int = Field("", description="carried into the report", union_mode="left_to_right")
    title: str = Field("", max_length=_SHORT)
    date: str = Field("", max_length=_SHORT, examples=["2024-05-16"])
    source: str = Field("", max_length=_SHORT)
    summary_chars: int | None = Field(
        None, ge=MIN_CHARS, le=MAX_CHARS,
        description=f"{DEFAULT_CHARS}; {PAGE_CHARS} for a text of over {PAGE_MIN_CHARS:,}",
    )  # fmt: skip

    def to_task(self) -> Task:
        """Return what a worker is to do."""
        text = SubmittedText(self.text, self.id, self.title, self.date, self.source)
        return Task(text, self.summary_chars, as_json=True)


_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "summary_chars": {"type": "integer", "minimum": MIN_CHARS, "maximum": MAX_CHARS},
    },
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON_TYPE: {"schema": ArticleText.model_json_schema()},
            FORM_TYPE: {"schema": _FORM},
        },
    }
}


@router.post(
    "/v1/articles",
    summary="分析一篇文章 Analyse an article",
    response_class=Response,
    openapi_extra=_BODY,
    responses={
        200: {"model": ArticleReport, "description": "the report, as `yiwen tag` writes it"},
        **document_problems(
            "bad_json", "bad_form", "incomplete", "no_key", "wrong_scope", "key_in_use",
            "too_large", "unsupported_media_type", "invalid_request", "unusable_input",
            "many_articles", "key_reused", "analysis_timeout", "analysis_lost",
            "too_many_requests", "busy", "model_unusable",
        ),
    },
)  # fmt: skip
async def analyse_article(
    request: Request,
    caller: Annotated[Caller, caller_with(Scope.ANALYSE)],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take JSON with a `text`, or a form with a `file` of one article."""
    service: Service = request.app.state.service
    async with _read_task(request) as (task, digest):
        if idempotency_key is None:
            return _respond(await _analyse(service, caller, task))
        request_key = caller.owner, idempotency_key
        known = await to_thread.run_sync(service.replies.begin, *request_key, digest)
        if known is not None:
            return _respond(known, {"Idempotent-Replayed": "true"})
        try:
            report = await _analyse(service, caller, task)
        except BaseException:
            with CancelScope(shield=True):
                await to_thread.run_sync(service.replies.give_up, *request_key)
            raise
        await to_thread.run_sync(service.replies.finish, *request_key, report)
        return _respond(report)


async def _analyse(service: Service, caller: Caller, task: Task) -> bytes:
    return await to_thread.run_sync(
        service.analyses.report_json, caller.owner, task, limiter=service.threads
    )


def _respond(report: bytes, headers: Mapping[str, str] | None = None) -> Response:
    return Response(report, media_type=JSON_TYPE, headers=headers)


@asynccontextmanager
async def _read_task(request: Request) -> AsyncIterator[tuple[Task, str]]:
    """Read what is to be done, with a hash of it; a file is there until the context ends.

    Raises:
        RequestError: the body cannot be read.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == JSON_TYPE:
        body = await read_body(request)
        yield _parse(body), digest_of([body])
    elif kind == FORM_TYPE:
        async with open_form(request, max_files=1) as form:
            with TemporaryDirectory(prefix="yiwen-") as folder:
                yield await _save_file(form, Path(folder) / "file")
    else:
        message = f"Content-Type 应为 {JSON_TYPE} 或 {FORM_TYPE}"
        raise RequestError(message, code="unsupported_media_type")


def _parse(body: bytes) -> Task:
    try:
        return ArticleText.model_validate_json(body).to_task()
    except ValidationError as error:
        refuse_invalid(error.errors())
    except UnicodeEncodeError:  # half of a surrogate pair
        raise RequestError("正文里有不成对的代理字符", code="bad_json") from None


async def _save_file(form: Mapping[str, Any], path: Path) -> tuple[Task, str]:
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise RequestError("表单里应有一个名为 file 的文件", code="bad_form")
    content = await upload.read()
    name = printable_name(upload.filename)
    path = path.with_suffix(Path(name).suffix[:20])
    path.write_bytes(content)
    chars = _read_chars(form.get("summary_chars"))
    task = Task(SubmittedFile(path, name), chars, as_json=True)
    return task, digest_of([content, name.encode(), str(chars).encode()])


def _read_chars(field: object) -> int | None:
    if field is None:
        return None
    try:
        return ArticleText.model_validate_json(
            json.dumps({"text": "x", "summary_chars": int(str(field)[:9])})
        ).summary_chars
    except ValidationError as error:
        refuse_invalid(error.errors())
    except ValueError:
        raise RequestError("summary_chars 应为整数", code="bad_form") from None


def printable_name(name: str | None) -> str:
    """Return a file's own name, without folders and signs that cannot be shown."""
    own = Path((name or "").replace("\\", "/")).name
    return "".join(c for c in own if c.isprintable())[-120:] or "file"


async def read_body(request: Request) -> bytes:
    """Return the body.

    Raises:
        RequestError: it was not sent to its end.
    """
    try:
        return await request.body()
    except ClientDisconnect:
        raise RequestError("请求正文没有发完", code="incomplete") from None


@asynccontextmanager
async def open_form(request: Request, max_files: int) -> AsyncIterator[Mapping[str, Any]]:
    """Open a form with files.

    Raises:
        RequestError: it cannot be read, or was not sent to its end.
    """
    try:
        form = await request.form(max_files=max_files, max_fields=20)
    except ClientDisconnect:
        raise RequestError("请求正文没有发完", code="incomplete") from None
    except (HTTPException, MultiPartException, KeyError, ValueError) as error:
        raise RequestError(f"表单读不懂（{error!s:.100}）", code="bad_form") from None
    try:
        yield form
    finally:
        await form.close()
