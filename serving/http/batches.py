"""`/v1/batches`: many articles, done in the background by the jobs of the page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from serving.home.keys import Scope
from serving.home.schema import State
from serving.http.access import Caller, caller_with
from serving.http.articles import FORM_TYPE, IdempotencyKey, open_form, printable_name
from serving.http.batch_requests import BatchRequest
from serving.http.batch_results import stream_lines
from serving.http.batch_store import BatchState, BatchStore
from serving.http.calls import call_of
from serving.http.problems import REFUSALS, RequestError, document_problems
from serving.http.service import Service
from serving.jobs.batch_files import free_place
from serving.jobs.batch_jobs import MAX_NAME

router = APIRouter(tags=["batches"])
LINES_TYPE = "application/x-ndjson"
_LINES_TYPES = (LINES_TYPE, "application/jsonl", "application/json-lines")
_MAX_FILES = 1_000
_LINE = {"type": "string", "description": "one JSON object a line, with `text`, `id` and so on"}
_FORM = {
    "type": "object",
    "required": ["files"],
    "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {LINES_TYPE: {"schema": _LINE}, FORM_TYPE: {"schema": _FORM}},
    }
}
Reader = Annotated[Caller, caller_with(Scope.READ)]
Analyst = Annotated[Caller, caller_with(Scope.ANALYSE)]


class Batch(BaseModel):
    """A batch; `n_articles` is None until reading shows it, `message` says what to know of it."""

    id: str
    name: str
    state: State
    created: datetime
    finished: datetime | None
    n_files: int
    n_articles: int | None
    n_tagged: int
    n_reposts: int
    n_failed: int
    message: str
    model: str
    results: str = Field(description="where its reports are")


class BatchList(BaseModel):
    """The caller's batches, the newest first."""

    batches: list[Batch]


@router.post(
    "/v1/batches",
    summary="提交一批 Submit a batch",
    status_code=202,
    openapi_extra=_BODY,
    responses=document_problems(
        *REFUSALS, "bad_form", "incomplete", "too_large", "unsupported_media_type",
        "unusable_input", "key_in_use", "key_reused", "too_many_batches", "model_unusable",
    ),
)  # fmt: skip
async def submit(
    request: Request,
    response: Response,
    caller: Analyst,
    name: Annotated[str, Query(max_length=MAX_NAME)] = "",
    idempotency_key: IdempotencyKey = None,
) -> Batch:
    """Take JSON Lines, or a form with `files` of any kind that Yiwen reads."""
    service: Service = request.app.state.service
    async with _save_files(request) as (files, digest):
        asked = BatchRequest(caller.owner, files, name, idempotency_key, digest)
        job, is_new = await to_thread.run_sync(service.batches.submit, asked)
    call_of(request.scope).subject = job.id
    response.headers["Location"] = f"/v1/batches/{job.id}"
    if not is_new:
        response.headers["Idempotent-Replayed"] = "true"
    return describe(job)


@router.get("/v1/batches", summary="列出各批 List batches", responses=document_problems(*REFUSALS))
def list_batches(request: Request, caller: Reader) -> BatchList:
    """List the caller's batches."""
    service: Service = request.app.state.service
    return BatchList(batches=[describe(job) for job in service.batches.list_of(caller.owner)])


@router.get(
    "/v1/batches/{batch_id}",
    summary="一批的进度 How far a batch is",
    responses=document_problems(*REFUSALS, "no_such_batch"),
)
def show(request: Request, batch_id: str, caller: Reader) -> Batch:
    """Return how far a batch is."""
    service: Service = request.app.state.service
    return describe(service.batches.find(caller.owner, batch_id))


@router.get(
    "/v1/batches/{batch_id}/results",
    summary="一批的报告 Reports of a batch",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "reports as JSON Lines, in the order of the articles",
            "content": {LINES_TYPE: {"schema": {"type": "string"}}},
        },
        **document_problems(*REFUSALS, "no_such_batch"),
    },
)
def stream(
    request: Request,
    batch_id: str,
    caller: Reader,
    offset: Annotated[int, Query(ge=0, le=1 << 40, description="lines to pass over")] = 0,
    follow: Annotated[bool, Query(description="stay until the batch is over")] = False,
) -> Response:
    """Send the reports that there are from `offset` on: as many lines as were received before."""
    batches = request.app.state.service.batches
    job = batches.find(caller.owner, batch_id)
    call_of(request.scope).subject = job.id
    reader = batches.open_lines(job, offset)
    lines = stream_lines(reader, lambda: batches.is_active(job.id), follow=follow)
    return StreamingResponse(lines, media_type=LINES_TYPE)


@router.post(
    "/v1/batches/{batch_id}/cancel",
    summary="停下一批 Stop a batch",
    responses=document_problems(*REFUSALS, "no_such_batch"),
)
def cancel(request: Request, batch_id: str, caller: Analyst) -> Batch:
    """Stop a batch after the article in hand; what is done stays."""
    return _change(request, caller, batch_id, _cancel)


@router.post(
    "/v1/batches/{batch_id}/resume",
    summary="接着做 Go on with a batch",
    responses=document_problems(*REFUSALS, "no_such_batch", "model_unusable"),
)
def resume(request: Request, batch_id: str, caller: Analyst) -> Batch:
    """Have a batch go on that was stopped or interrupted, or try again what failed in it."""
    return _change(request, caller, batch_id, _resume)


@router.delete(
    "/v1/batches/{batch_id}",
    summary="删去一批 Delete a batch",
    status_code=204,
    responses=document_problems(*REFUSALS, "no_such_batch"),
)
def delete(request: Request, batch_id: str, caller: Analyst) -> None:
    """Delete a batch with its files and reports; one that runs is stopped first."""
    batches = request.app.state.service.batches
    job = batches.find(caller.owner, batch_id)
    call_of(request.scope).subject = job.id
    batches.delete(job)


def _cancel(batches: BatchStore, job: Any) -> None:
    batches.cancel(job)


def _resume(batches: BatchStore, job: Any) -> None:
    batches.resume(job)


def describe(job: BatchState) -> Batch:
    """Return what a caller sees of a job: no path of this machine."""
    return Batch(
        id=job.id, name=job.name, state=State(job.state), created=job.created,
        finished=job.finished, n_files=job.n_files, n_articles=job.n_expected,
        n_tagged=job.n_tagged, n_reposts=job.n_reposts, n_failed=job.n_failed,
        message=job.message, model=Path(job.model).name, results=f"/v1/batches/{job.id}/results",
    )  # fmt: skip


def _change(
    request: Request, caller: Caller, batch_id: str, change: Callable[[BatchStore, Any], None]
) -> Batch:
    batches = request.app.state.service.batches
    job = batches.find(caller.owner, batch_id)
    call_of(request.scope).subject = job.id
    change(batches, job)
    return describe(batches.find(caller.owner, batch_id))


@asynccontextmanager
async def _save_files(request: Request) -> AsyncIterator[tuple[list[Path], str]]:
    """Save what was sent; yields the files, which are there until the context ends, and a hash.

    Raises:
        RequestError: the body cannot be read.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    with TemporaryDirectory(prefix="yiwen-") as folder:
        if kind in _LINES_TYPES:
            path = Path(folder) / "articles.jsonl"
            yield [path], await _save_lines(request, path)
        elif kind == FORM_TYPE:
            async with open_form(request, _MAX_FILES) as form:
                yield await to_thread.run_sync(_save_form, form, Path(folder))
        else:
            message = f"Content-Type 应为 {LINES_TYPE} 或 {FORM_TYPE}"
            raise RequestError(message, code="unsupported_media_type")


async def _save_lines(request: Request, path: Path) -> str:
    digest = sha256()
    try:
        with path.open("wb") as file:
            async for chunk in request.stream():
                digest.update(chunk)
                file.write(chunk)
    except ClientDisconnect:
        raise RequestError("请求正文没有发完", code="incomplete") from None
    return digest.hexdigest()


def _save_form(form: Any, folder: Path) -> tuple[list[Path], str]:
    uploads = [upload for upload in form.getlist("files") if isinstance(upload, UploadFile)]
    if not uploads:
        raise RequestError("表单里应有名为 files 的文件", code="bad_form")
    digest, paths = sha256(), []
    for upload in uploads:
        path = free_place(folder, printable_name(upload.filename))
        with path.open("wb") as file:
            while block := upload.file.read(1 << 20):
                digest.update(block)
                file.write(block)
        digest.update(b"\0" + path.name.encode())
        paths.append(path)
    return paths, digest.hexdigest()
