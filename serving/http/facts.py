"""`GET /v1/facts`: what the library's articles say of places, by indicator and year."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from serving.atlas.atlas import Atlas
from serving.atlas.facts import Fact, Receipt
from serving.atlas.pivot import FactFilter
from serving.atlas.questions import Question, ask
from serving.home.keys import Scope
from serving.http.access import Caller, caller_with
from serving.http.problems import REFUSALS, document_problems
from serving.http.report_schema import NamedPlace
from serving.http.service import Service

router = APIRouter(tags=["library"])
MAX_LISTED = 200
_MAX_OFFSET = 100_000
_Text = Annotated[str, Query(max_length=100)]
_Year = Annotated[int | None, Query(ge=1900, le=2200)]


class FactReceipt(BaseModel):
    """Where a fact stands: the article, and the number's offsets in its text."""

    article: str
    id: str
    title: str
    source: str
    day: str
    start: int
    end: int
    text: str
    sentence: str


class FactReport(BaseModel):
    """A value of an indicator for a place or a body in it; `doubts` say what is not sure.

    `period` is the part of a year that it is of, empty for the whole year or its end; `place` is
    null where unknown, `body` empty for the place itself; `official` says that the indicator is one
    of the field.
    """

    place: NamedPlace | None
    body: str
    indicator: str
    official: bool
    year: int | None
    period: str
    kind: str
    value: float | list[float]
    unit: str
    bound: str
    base: str
    deadline: str
    doubts: list[str]
    receipts: list[FactReceipt]


class FactList(BaseModel):
    """Facts by place, indicator and year; `n_found` counts all of them."""

    facts: list[FactReport]
    n_found: int


class FactAnswer(BaseModel):
    """The values asked for; none where nothing is recorded. `nearby` are no answers."""

    is_recorded: bool
    facts: list[FactReport]
    nearby: list[FactReport]


@router.get(
    "/v1/facts",
    summary="图谱里的数 Facts of the atlas",
    responses=document_problems(*REFUSALS, "unusable_input"),
)
def list_facts(
    request: Request,
    _: Annotated[Caller, caller_with(Scope.READ)],
    place: _Text = "",
    indicator: _Text = "",
    since: _Year = None,
    until: _Year = None,
    kind: Literal["", "level", "change", "target"] = "",
    doubtful: Annotated[bool, Query(description="facts that are not sure instead")] = False,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 50,
    offset: Annotated[int, Query(ge=0, le=_MAX_OFFSET)] = 0,
) -> FactList:
    """List facts; `place` is part of a name or a code, `since` and `until` are years."""
    service: Service = request.app.state.service
    atlas = service.atlas.read()
    wanted = FactFilter(place, indicator, since, until)
    facts = atlas.doubtful if doubtful else [fact for fact in atlas.facts if fact.is_sure]
    found = [f for f in facts if wanted.takes(f) and kind in ("", f.kind)]
    found.sort(key=lambda f: (f.series, f.year or 0, f.kind, f.value))
    part = found[offset : offset + limit]
    return FactList(facts=[describe_fact(fact) for fact in part], n_found=len(found))


def answer_question(atlas: Atlas, question: Question) -> FactAnswer:
    """Return the answer to a question with its receipts."""
    answer = ask(atlas.facts, question)
    return FactAnswer(
        is_recorded=bool(answer.facts),
        facts=[describe_fact(fact) for fact in answer.facts],
        nearby=[describe_fact(fact) for fact in answer.nearby[:MAX_LISTED]],
    )


def describe_fact(fact: Fact) -> FactReport:
    """Return a fact as JSON has it."""
    place = fact.place
    named = None
    if place is not None:
        named = NamedPlace(
            code=place.code, name=place.name, level=place.level, path=list(place.path)
        )
    return FactReport(
        place=named, body=fact.body, indicator=fact.indicator, official=fact.is_official,
        year=fact.year, period=fact.period, kind=fact.kind,
        value=fact.value[0] if len(fact.value) == 1 else list(fact.value), unit=fact.unit,
        bound=fact.bound, base=fact.base, deadline=fact.deadline, doubts=list(fact.doubts),
        receipts=[_describe_receipt(receipt) for receipt in fact.receipts],
    )  # fmt: skip


def _describe_receipt(receipt: Receipt) -> FactReceipt:
    return FactReceipt(
        article=receipt.article, id=receipt.id, title=receipt.title, source=receipt.source,
        day=receipt.day, start=receipt.start, end=receipt.end, text=receipt.text,
        sentence=receipt.sentence,
    )  # fmt: skip
