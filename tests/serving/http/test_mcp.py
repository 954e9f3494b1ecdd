"""`yiwen mcp`, tried with the client of the official SDK."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters

from model.analyzer import DEFAULT_MODEL
from serving.analysis.analyses import Analyses
from serving.http.agent_tools import build_agent_server
from serving.http.service import ServedModel
from serving.registry.versions import Registry
from tests.conftest import ARTICLE

ROOT = Path(__file__).parents[3]


async def try_tools(server: Any) -> dict[str, Any]:
    async with Client(server) as client:
        listed = (await client.list_tools()).tools
        done = await client.call_tool("analyse", {"text": ARTICLE, "summary_chars": 60})
        short = await client.call_tool("analyse", {"text": "太短"})
        models = await client.call_tool("models")
    return {"tools": listed, "done": done, "short": short, "models": models}


def check(found: dict[str, Any]) -> None:
    assert {tool.name for tool in found["tools"]} == {"analyse", "models"}
    assert all(tool.annotations.read_only_hint for tool in found["tools"])
    report = found["done"].structured_content
    assert report["primary"] == "alliance"
    for figure in report["figures"]:
        assert report["text"][figure["start"] : figure["end"]] == figure["text"]
    assert found["short"].is_error
    assert "太短" in found["short"].content[0].text
    (model,) = found["models"].structured_content["models"]
    assert model["in_use"]


def test_an_agent_analyses_and_gets_receipts(analyses: Analyses, tmp_path: Path) -> None:
    model = ServedModel(Registry(tmp_path), DEFAULT_MODEL)
    check(anyio.run(try_tools, build_agent_server(analyses, model)))


def test_the_command_speaks_mcp_on_its_standard_streams(tmp_path: Path) -> None:
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "serving.cli", "mcp"], cwd=str(ROOT),
        env={**os.environ, "YIWEN_HOME": str(tmp_path)},
    )  # fmt: skip
    check(anyio.run(try_tools, command))
