"""`POST /v1/corrections`: changes of an article's labels, as on the page."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from model import InputError
from serving.corrections.article_log import ArticleState, ConflictError
from serving.corrections.changes import Change, ThemeChange
from serving.corrections.labels import dump_labels, read_report
from serving.corrections.store import accept, keep_answer, read_state, save_change
from serving.home.keys import Scope
from serving.http.access import Caller, caller_with
from serving.http.articles import JSON_TYPE, read_body
from serving.http.calls import call_of
from serving.http.problems import RequestError, document_problems
from serving.http.service import Service
from serving.http.validation import refuse_invalid

router = APIRouter(tags=["corrections"])
_MAX_CHANGES = 200
_MAX_NUMBER = (1 << 31) - 1  # of a column of PostgreSQL


class CorrectionRequest(BaseModel):
    """Changes of one article: of a `report`, or of what an earlier answer called `article`.

    With `seen`, the `number` of that answer, a change of the same thing by somebody else since is
    a conflict. `accept` says that a person stands by all labels.
    """

    model_config = ConfigDict(extra="forbid")
    report: dict[str, Any] | None = Field(None, description="a report as /v1/articles gives it")
    article: int | None = Field(None, ge=1, le=_MAX_NUMBER)
    seen: int | None = Field(None, ge=0, le=_MAX_NUMBER)
    changes: Annotated[
        list[Annotated[Change, Field(discriminator="what")]], Field(max_length=_MAX_CHANGES)
    ] = []
    accept: bool = False

    @model_validator(mode="after")
    def _check(self) -> CorrectionRequest:
        if (self.report is None) == (self.article is None):
            raise ValueError("either report or article")
        return self


class CorrectedArticle(BaseModel):
    """An article as it stands: `labels` in force, `number` of changes, what to know of others'."""

    article: int
    number: int
    accepted: bool
    notices: list[str]
    labels: str = Field(description="JSON, as the store keeps it")


@router.post(
    "/v1/corrections",
    summary="校正 Correct an article",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON_TYPE: {"schema": {"$ref": "#/components/schemas/CorrectionRequest"}}
            },
        }
    },
    responses=document_problems(
        "bad_json", "incomplete", "no_key", "wrong_scope", "no_such_article", "conflict",
        "too_large", "unsupported_media_type", "invalid_request", "unusable_input",
        "too_many_requests", "model_unusable",
    ),
)  # fmt: skip
async def correct(
    request: Request, caller: Annotated[Caller, caller_with(Scope.CORRECT)]
) -> CorrectedArticle:
    """Keep changes under the caller's name; either all can be made or none is."""
    service: Service = request.app.state.service
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON_TYPE:
        raise RequestError(f"Content-Type 应为 {JSON_TYPE}", code="unsupported_media_type")
    try:
        asked = CorrectionRequest.model_validate_json(await read_body(request))
    except ValidationError as error:
        refuse_invalid(error.errors(include_context=False))
    done = await to_thread.run_sync(_correct, service, caller.name, asked)
    call_of(request.scope).subject = f"article {done.article}"
    return done


def _correct(service: Service, by: str, asked: CorrectionRequest) -> CorrectedArticle:
    names = service.model.manifest.theme_names
    _check_themes(asked, names)
    try:
        state = _open(service, asked)
        _try_all(state, asked)
        notices = []
        seen = state.number if asked.seen is None else asked.seen
        for change in asked.changes:
            state = save_change(service.store, state.document, seen, change, by, names)
            notices.append(state.notice)
            seen = state.number
        if asked.accept:
            state = accept(service.store, state.document, seen, by)
    except ConflictError as error:
        raise RequestError(str(error), code="conflict") from None
    return CorrectedArticle(
        article=state.document, number=state.number, accepted=state.done,
        notices=[notice for notice in notices if notice], labels=dump_labels(state.labelled),
    )  # fmt: skip


def _open(service: Service, asked: CorrectionRequest) -> ArticleState:
    if asked.report is not None:
        return read_state(service.store, keep_answer(service.store, read_report(asked.report)))
    return read_state(service.store, int(asked.article or 0))


def _check_themes(asked: CorrectionRequest, names: dict[str, str]) -> None:
    for change in asked.changes:
        if isinstance(change, ThemeChange) and change.theme not in names:
            raise InputError(f"没有主题 {change.theme[:60]}；现有：{'、'.join(names)}")


def _try_all(state: ArticleState, asked: CorrectionRequest) -> None:
    """Make the changes without keeping them.

    Raises:
        InputError: one cannot be made.
    """
    labelled = state.labelled
    for change in asked.changes:
        labelled = change.apply(labelled)
