"""`GET /v1/search`: articles of the library by words and filters."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from sqlalchemy import Engine

from serving.home.keys import Scope
from serving.http.access import Caller, caller_with
from serving.http.problems import REFUSALS, document_problems
from serving.http.service import Service
from serving.library.articles import ArticleFilter
from serving.library.search import SearchQuery, search

router = APIRouter(tags=["library"])
MAX_LISTED = 200
_MAX_OFFSET = 2_000
_Words = Annotated[
    str, Query(max_length=500, description='all of them; "next to each other"; -not')
]
_Text = Annotated[str, Query(max_length=100)]
_Day = Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="YYYY-MM-DD")]


class FoundArticle(BaseModel):
    """An article of the library; `lit` are the places in `passage` of what was searched for."""

    number: int
    title: str
    day: str
    source: str
    themes: list[str]
    passage: str
    lit: list[tuple[int, int]]


class SearchResult(BaseModel):
    """What was found, best first; `is_more` says that there are more than `n_found`."""

    hits: list[FoundArticle]
    n_found: int
    is_more: bool


@router.get(
    "/v1/search",
    summary="搜索资料库 Search the library",
    responses=document_problems(*REFUSALS, "unusable_input"),
)
def search_library(
    request: Request,
    _: Annotated[Caller, caller_with(Scope.READ)],
    q: _Words = "",
    theme: _Text = "",
    place: _Text = "",
    indicator: _Text = "",
    since: _Day = "",
    until: _Day = "",
    source: _Text = "",
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 20,
    offset: Annotated[int, Query(ge=0, le=_MAX_OFFSET)] = 0,
) -> SearchResult:
    """Search; without words the newest articles come first."""
    service: Service = request.app.state.service
    query = SearchQuery(q, indicator, ArticleFilter(since, until, theme, place, source))
    return find_articles(service.store, query, limit, offset)


def find_articles(store: Engine, query: SearchQuery, limit: int, offset: int) -> SearchResult:
    """Return what a query finds.

    Raises:
        InputError: nothing can be searched for.
    """
    found = search(store, query, limit, offset)
    hits = [
        FoundArticle(
            number=hit.number, title=hit.title, day=hit.day, source=hit.source,
            themes=list(hit.themes), passage=hit.passage.text, lit=list(hit.passage.lit),
        )
        for hit in found.hits
    ]  # fmt: skip
    return SearchResult(hits=hits, n_found=found.n_found, is_more=found.is_more)
