"""The files beside the page's modules: they are installed, and the view's parts are all loaded."""

from __future__ import annotations

import tomllib
from pathlib import Path

import serving.page
from serving.page.correct.tab import read_view
from tests.browser.chromium import ROOT

PAGE = Path(serving.page.__file__).parent
MAX_LINES = 200


def test_every_file_of_the_page_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["serving"]
    installed = {path for pattern in patterns for path in PAGE.parent.glob(pattern)}
    wanted = {p for p in PAGE.rglob("*") if p.is_file() and p.suffix not in {".py", ".pyc"}}
    assert wanted <= installed


def test_every_part_of_the_view_is_loaded_once_and_short() -> None:
    script = read_view()
    parts = list((PAGE / "correct" / "view").glob("*.js"))
    assert len(parts) > 1
    for part in parts:
        text = part.read_text(encoding="utf-8")
        assert script.count(text) == 1, part.name
        assert text.count("\n") < MAX_LINES, part.name
