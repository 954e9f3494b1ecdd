"""`yiwen mcp`, tried with the client of the official SDK."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters
from sqlalchemy import Engine

from model import Analyzer, Article
from model.analyzer import DEFAULT_MODEL
from serving.analysis.analyses import Analyses
from serving.http.agent_tools import build_agent_server
from serving.http.service import ServedModel
from serving.library.articles import keep_records
from serving.registry.versions import Registry
from tests.conftest import ARTICLE
from tests.serving.atlas.reports import RATE, make_rate

ROOT = Path(__file__).parents[3]


async def try_tools(server: Any) -> dict[str, Any]:
    async with Client(server) as client:
        listed = (await client.list_tools()).tools
        done = await client.call_tool("analyse", {"text": ARTICLE, "summary_chars": 60})
        short = await client.call_tool("analyse", {"text": "太短"})
        models = await client.call_tool("models")
        found = await client.call_tool("search", {"words": "医共体"})
        asked = {"place": "金堂县", "indicator": RATE}
        facts = [await client.call_tool("facts", {**asked, "year": y}) for y in (2023, 2022)]
    return {
        "tools": listed, "done": done, "short": short, "models": models, "found": found,
        "facts": facts,
    }  # fmt: skip


def check(found: dict[str, Any]) -> None:
    assert {tool.name for tool in found["tools"]} == {"analyse", "facts", "models", "search"}
    assert all(tool.annotations.read_only_hint for tool in found["tools"])
    report = found["done"].structured_content
    assert report["primary"] == "alliance"
    for figure in report["figures"]:
        assert report["text"][figure["start"] : figure["end"]] == figure["text"]
    assert found["short"].is_error
    assert "太短" in found["short"].content[0].text
    (model,) = found["models"].structured_content["models"]
    assert model["in_use"]
    (hit,) = found["found"].structured_content["hits"]
    known, unknown = (answer.structured_content for answer in found["facts"])
    (fact,) = known["facts"]
    assert (fact["value"], fact["receipts"][0]["text"]) == (90.6, "90.6%")
    assert (unknown["is_recorded"], unknown["facts"]) == (False, [])
    assert "医共体" in [hit["passage"][start:end] for start, end in hit["lit"]]


def keep_article(store: Engine, analyzer: Analyzer) -> None:
    report = analyzer.analyze(Article.from_raw(ARTICLE, id="a1")).to_dict()
    keep_records(store, [report, make_rate(2023, "90.6%")])


def test_an_agent_analyses_and_gets_receipts(
    analyses: Analyses, store: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    keep_article(store, analyzer)
    model = ServedModel(Registry(tmp_path), DEFAULT_MODEL)
    check(anyio.run(try_tools, build_agent_server(analyses, model, store)))


def test_the_command_speaks_mcp_on_its_standard_streams(
    store: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    keep_article(store, analyzer)
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "serving.cli", "mcp"], cwd=str(ROOT),
        env={**os.environ, "YIWEN_HOME": str(tmp_path)},
    )  # fmt: skip
    check(anyio.run(try_tools, command))
