"""`/v1/briefs`: a brief made of the library, every sentence and figure with its place."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from serving.brief.entries import DAYS, Entry
from serving.brief.making import collect, new_brief, propose, to_bytes
from serving.brief.store import BriefState, list_briefs, read_brief, start_brief
from serving.home.keys import Scope
from serving.http.access import Caller, caller_with
from serving.http.calls import call_of
from serving.http.problems import REFUSALS, document_problems
from serving.http.service import Service

router = APIRouter(tags=["briefs"])
_MAX_DAYS, _MAX_ENTRIES, _MAX_TITLE = 366, 200, 200
_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}
Reader = Annotated[Caller, caller_with(Scope.READ)]
BriefNumber = Annotated[int, Path(ge=1, le=(1 << 31) - 1)]
BriefForm = Literal["json", "docx", "md", "html", "txt"]


class BriefRequest(BaseModel):
    """A brief that is asked for; without `days` as many as its kind has."""

    model_config = ConfigDict(extra="forbid")
    date: str = Field("", description="the last day, YYYY-MM-DD; by default today", max_length=10)
    kind: Literal["daily", "weekly", "monthly", "special"] = "daily"
    days: int | None = Field(None, ge=1, le=_MAX_DAYS)
    title: str = Field("", max_length=_MAX_TITLE)
    max_entries: int = Field(30, ge=1, le=_MAX_ENTRIES)
    every: bool = Field(False, description="articles without a theme too")


class BriefPlace(BaseModel):
    """A stretch of an article of the brief: its key, character offsets, the end exclusive."""

    article: str
    start: int
    end: int


class BriefLine(BaseModel):
    """A sentence: the text of its places; or one that a person wrote, which has none."""

    text: str
    places: list[BriefPlace]
    is_manual: bool


class BriefFigure(BaseModel):
    """A figure as printed, with its indicator, whose it is, and where it stands."""

    indicator: str
    body: str
    text: str
    kind: str
    year: int | None
    place: BriefPlace


class BriefSource(BaseModel):
    """An article that an entry draws on, by its key; the first one is quoted."""

    article: str
    title: str
    source: str
    date: str
    note: str


class BriefDifference(BaseModel):
    """A figure, and what another report gives in its place."""

    one: BriefLine
    other: BriefLine


class BriefEntry(BaseModel):
    """What a brief says of one event; `theme` is a key, `theme_name` its Chinese name."""

    key: str
    theme: str
    theme_name: str
    title: BriefLine
    lines: list[BriefLine]
    rows: list[BriefFigure]
    sources: list[BriefSource]
    differing: list[BriefDifference]


class BriefReport(BaseModel):
    """A brief as it stands; `number` is that of its newest change."""

    id: int
    number: int
    kind: str
    title: str
    date: str
    days: int
    entries: list[BriefEntry]


class BriefHeading(BaseModel):
    """A brief in a list."""

    id: int
    kind: str
    title: str
    date: str
    by: str


class BriefList(BaseModel):
    """The briefs, the newest first."""

    briefs: list[BriefHeading]


@router.post(
    "/v1/briefs",
    summary="编一份日报 Make a brief",
    status_code=201,
    responses=document_problems(
        *REFUSALS, "bad_json", "incomplete", "too_large", "unusable_input", "model_unusable"
    ),
)
def make_brief(
    request: Request,
    response: Response,
    asked: BriefRequest,
    caller: Annotated[Caller, caller_with(Scope.ANALYSE)],
) -> BriefReport:
    """Make a brief of the library's articles of some days, and keep it; the page can go on."""
    service: Service = request.app.state.service
    day = asked.date or date.today().isoformat()
    empty = new_brief(asked.kind, day, asked.days or DAYS[asked.kind], asked.title)
    made = propose(empty, collect(service.store, empty), asked.max_entries, every=asked.every)
    state = start_brief(service.store, empty, made.entries, caller.name)
    call_of(request.scope).subject = f"brief {state.id}"
    response.headers["Location"] = f"/v1/briefs/{state.id}"
    return describe(state, service.model.manifest.theme_names)


@router.get("/v1/briefs", summary="列出日报 List briefs", responses=document_problems(*REFUSALS))
def show_list(request: Request, _: Reader) -> BriefList:
    """List the briefs that were made, here and on the page."""
    service: Service = request.app.state.service
    found = [BriefHeading(**asdict(brief)) for brief in list_briefs(service.store)]
    return BriefList(briefs=found)


@router.get(
    "/v1/briefs/{brief_id}",
    summary="一份日报 A brief",
    response_class=Response,
    responses={
        200: {
            "model": BriefReport,
            "description": "JSON, or a file of the form that was asked for",
            "content": {kind.partition(";")[0]: {} for kind in _TYPES.values()},
        },
        **document_problems(*REFUSALS, "no_such_brief", "unusable_input", "model_unusable"),
    },
)
def show(
    request: Request,
    brief_id: BriefNumber,
    _: Reader,
    form: Annotated[BriefForm, Query(alias="format", description="JSON or a file")] = "json",
) -> Response:
    """Return a brief as it stands: in JSON with every place, as a Word file, Markdown and so on."""
    service: Service = request.app.state.service
    state = read_brief(service.store, brief_id)
    call_of(request.scope).subject = f"brief {state.id}"
    names = service.model.manifest.theme_names
    if form == "json":
        return Response(describe(state, names).model_dump_json(), media_type="application/json")
    content = to_bytes(state.brief, names, f".{form}")
    name = f'attachment; filename="brief-{state.brief.date}-{state.id}.{form}"'
    return Response(content, media_type=_TYPES[form], headers={"Content-Disposition": name})


def describe(state: BriefState, names: dict[str, str]) -> BriefReport:
    """Return a brief with the places of all that it says."""
    brief = state.brief
    return BriefReport(
        id=state.id, number=state.number, kind=brief.kind, title=brief.title, date=brief.date,
        days=brief.days, entries=[_describe_entry(entry, names) for entry in brief.entries],
    )  # fmt: skip


def _describe_entry(entry: Entry, names: dict[str, str]) -> BriefEntry:
    content: dict[str, Any] = asdict(entry)
    content["theme_name"] = names.get(entry.theme, entry.theme)
    return BriefEntry.model_validate(content)
