"""What the READMEs tell a newcomer to type is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from serving.cli import app

ROOT = Path(__file__).parents[2]
_TYPED = re.compile(r"(?:^|&& |`)yiwen ([^#&`|\n]*)", re.MULTILINE)


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_every_command_and_option_in_a_readme_exists(name: str) -> None:
    lines = _TYPED.findall((ROOT / name).read_text(encoding="utf-8"))
    assert len(lines) > 10
    wrong = [line for line in lines if not _is_known(line.split())]
    assert wrong == []


def _is_known(words: list[str]) -> bool:
    command: Any = typer.main.get_command(app)
    while words and words[0] in (commands := getattr(command, "commands", {})):
        command = commands[words.pop(0)]
    if hasattr(command, "commands") and words and re.fullmatch("[a-z]+", words[0]):
        return False
    options = {option for parameter in command.params for option in parameter.opts}
    return all(word in options for word in words if word.startswith("-") and word != "-")
