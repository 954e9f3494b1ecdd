"""What the READMEs tell a newcomer to type is there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from model import Analyzer, Article
from serving.cli.main import app

ROOT = Path(__file__).parents[3]
_TWO_DIGITS = 0.005  # further behind the point machines differ
_TYPED = re.compile(r"(?:^|&& |`)yiwen ([^#&`|\n]*)", re.MULTILINE)


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_every_command_and_option_in_a_readme_exists(name: str) -> None:
    lines = _TYPED.findall((ROOT / name).read_text(encoding="utf-8"))
    assert len(lines) > 10
    wrong = [line for line in lines if not _is_known(line.split())]
    assert wrong == []


def test_the_worked_example_is_what_the_shipped_model_prints(analyzer: Analyzer) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = readme.partition("## A worked example\n")[2]
    raw, printed = re.findall(r"^```\n(.*?)^```$", example, re.MULTILINE | re.DOTALL)[:2]
    report = analyzer.analyze(Article.from_raw(raw, id="example.txt")).to_dict()
    shown = re.search(r'"scores": ({.*?})', printed)
    assert shown
    assert json.loads(shown[1]) == pytest.approx(report["scores"], abs=_TWO_DIGITS)
    themes = re.findall(r'"theme": "(\w+)".*?"score": ([\d.]+)', printed)
    scores = {theme["theme"]: theme["score"] for theme in report["themes"]}
    assert {key: float(score) for key, score in themes} == pytest.approx(scores, abs=_TWO_DIGITS)
    assert f'"model": "{report["model"]}"' in printed
    assert f'"primary": "{report["primary"]}", "review": {report["review"]}' in printed
    assert f'"text": "{report["summary"]["text"]}"' in printed
    figures = {figure["text"]: figure for figure in report["figures"]}
    lines = re.findall(r'{("text": .*?"end": \d+)', printed)
    assert lines
    for figure in (json.loads(f"{{{line}}}") for line in lines):
        assert figure.items() <= figures[figure["text"]].items()


def _is_known(words: list[str]) -> bool:
    command: Any = typer.main.get_command(app)
    while words and words[0] in (commands := getattr(command, "commands", {})):
        command = commands[words.pop(0)]
    if hasattr(command, "commands") and words and re.fullmatch("[a-z]+", words[0]):
        return False
    options = {option for parameter in command.params for option in parameter.opts}
    return all(word in options for word in words if word.startswith("-") and word != "-")
