"""The tools that agents call by MCP: they read and analyse, and change nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from anyio import to_thread
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field
from sqlalchemy import Engine

from model import YiwenError
from model.summary import MAX_CHARS, MIN_CHARS
from serving.analysis.analyses import Analyses
from serving.analysis.submissions import SubmittedText
from serving.analysis.worker import Task
from serving.atlas.collecting import LibraryAtlas
from serving.atlas.questions import Question
from serving.http.facts import FactAnswer, answer_question
from serving.http.models import ModelList, describe_models
from serving.http.searching import MAX_LISTED, SearchResult, find_articles
from serving.http.served_model import ServedModel
from serving.library.articles import ArticleFilter
from serving.library.search import SearchQuery

_OWNER = "agent"
_READ_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_INSTRUCTIONS = (
    "医闻阅读中文医疗卫生新闻。每个数字和主题都带着出处：start、end 是 text 里的字符位置，"
    "引用时请照抄 sentence 或 evidence 的原文。"
    "Yiwen reads Chinese health-care news. Every figure and theme comes with its place in `text`; "
    "quote `sentence` or `evidence` as they stand."
)
Result = TypeVar("Result")


def build_agent_server(analyses: Analyses, model: ServedModel, store: Engine) -> MCPServer[Any]:
    """Build the MCP server with its tools."""
    server: MCPServer[Any] = MCPServer("yiwen", "医闻 Yiwen", instructions=_INSTRUCTIONS)

    @server.tool(title="分析文章 Analyse an article", annotations=_READ_ONLY)
    async def analyse(
        text: Annotated[str, Field(description="正文，可以是 HTML。Chinese text or HTML.")],
        title: str = "",
        date: Annotated[str, Field(description="YYYY-MM-DD")] = "",
        source: str = "",
        summary_chars: Annotated[int | None, Field(ge=MIN_CHARS, le=MAX_CHARS)] = None,
    ) -> dict[str, Any]:
        """Themes with evidence, key figures with their sentences, and a summary of an article."""
        submitted = SubmittedText(text, "", title, date, source)
        task = Task(submitted, summary_chars, as_json=True)
        found = await to_thread.run_sync(_call, lambda: analyses.report_json(_OWNER, task))
        report: dict[str, Any] = json.loads(found)
        return report

    @server.tool(title="模型 Models", annotations=_READ_ONLY)
    async def models() -> ModelList:
        """Versions of the model, which is in use, and the themes that each knows."""
        return await to_thread.run_sync(_call, lambda: describe_models(model))

    @server.tool(title="搜索资料库 Search the library", annotations=_READ_ONLY)
    async def search(
        words: Annotated[str, Field(max_length=500)] = "",
        theme: Annotated[str, Field(description="如 alliance")] = "",
        place: Annotated[str, Field(description="地区名称或代码")] = "",
        indicator: Annotated[str, Field(description="关键数字的指标里的字")] = "",
        since: Annotated[str, Field(description="YYYY-MM-DD")] = "",
        until: Annotated[str, Field(description="YYYY-MM-DD")] = "",
        limit: Annotated[int, Field(ge=1, le=MAX_LISTED)] = 20,
    ) -> SearchResult:
        """Articles of the library that hold all words, each with a passage of its text."""
        wanted = ArticleFilter(since, until, theme, place)
        query = SearchQuery(words, indicator, wanted)
        return await to_thread.run_sync(_call, lambda: find_articles(store, query, limit, 0))

    atlas = LibraryAtlas(store)

    @server.tool(title="问一个数 Ask for a fact", annotations=_READ_ONLY)
    async def facts(
        place: Annotated[str, Field(max_length=100, description="地区或单位的名称")],
        indicator: Annotated[str, Field(max_length=100, description="指标，如 县域内就诊率")],
        year: Annotated[int, Field(ge=1900, le=2200)],
    ) -> FactAnswer:
        """What the library's articles say of a place, an indicator and a year, with receipts.

        Where `is_recorded` is false there is no record: say so; `nearby` is no answer.
        """
        asked = Question(place, indicator, year)
        return await to_thread.run_sync(_call, lambda: answer_question(atlas.read(), asked))

    return server


def _call(work: Callable[[], Result]) -> Result:
    """Do something, and say an error that Yiwen raises on purpose in its own words."""
    try:
        return work()
    except YiwenError as error:
        raise ToolError(str(error)) from None
