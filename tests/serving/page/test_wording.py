"""Every phrase of the interface is in `wording.toml`, in both languages."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import serving.page
from serving.home.schema import State
from serving.page.phrases import attribute, both, read_phrases
from tests.browser.chromium import ROOT

PAGE = Path(serving.page.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SCRIPTS = sorted(PAGE.rglob("*.js"))
TEMPLATES = sorted(PAGE.rglob("*.j2"))
MODULES = sorted({*PAGE.rglob("*.py"), ROOT / "gradio_app.py"})
# Chinese outside wording.toml that is no phrase of the interface, by file.
ALLOWED = {
    "correct/intake.py": "problems of files, which are messages of errors",
    "correct/answers.py": "the name of a file that is filed in Chinese",
    "hosting.py": "an answer to programs, in both languages",
}
_COMMENTS = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
_TEMPLATE_COMMENTS = re.compile(r"\{#.*?#\}", re.S)
# A phrase that is named as a whole; `batch.state_` and the like go on with a value.
_PHRASE = re.compile(
    r"""\b(?:say|both|attribute|phrase)\(\s*(?:'[\w-]+', )?["'](\w+\.\w*[a-z0-9])["']"""
)


def test_every_phrase_has_both_languages_and_the_same_places() -> None:
    for key, texts in read_phrases().items():
        assert all(texts.values()), key
        places = {
            language: sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)
            for language, text in texts.items()
        }
        assert places["zh"] == places["en"], key


def test_english_holds_no_chinese() -> None:
    # The name of the product, and the button that leads back to Chinese.
    own = {"page.name", "page.title", "page.login", "page.other_language"}
    found = [key for key, texts in read_phrases().items() if CHINESE.search(texts["en"])]
    assert set(found) == own


@pytest.mark.parametrize("path", [*SCRIPTS, *TEMPLATES], ids=lambda path: path.name)
def test_no_phrase_in_a_script_or_template(path: Path) -> None:
    comments = _TEMPLATE_COMMENTS if path.suffix == ".j2" else _COMMENTS
    assert CHINESE.findall(comments.sub("", path.read_text(encoding="utf-8"))) == []


def test_no_phrase_in_a_module() -> None:
    found = {
        str(path.relative_to(PAGE if path.is_relative_to(PAGE) else ROOT)): phrases
        for path in MODULES
        if (phrases := list(_phrases(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert {name: found[name] for name in found if name not in ALLOWED} == {}
    assert set(ALLOWED) == set(found), "an exception that is needed no longer"


def _phrases(node: ast.AST) -> Iterator[str]:
    """Return Chinese string literals; not docstrings and not messages of errors."""
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if is_docstring or _is_error(child):
            continue
        if isinstance(child, ast.Constant) and CHINESE.search(str(child.value)):
            yield str(child.value)
        yield from _phrases(child)


def _is_error(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error")


@pytest.mark.parametrize("path", [*MODULES, *TEMPLATES], ids=lambda path: path.name)
def test_every_phrase_that_is_named_is_there(path: Path) -> None:
    keys = _PHRASE.findall(path.read_text(encoding="utf-8"))
    assert [key for key in keys if key not in read_phrases()] == []


@pytest.mark.parametrize("state", [s for s in State if s != State.DELETING])  # no list shows it
def test_every_state_has_a_phrase(state: State) -> None:
    assert {f"batch.state_{state}", f"train.state_{state}"} <= read_phrases().keys()


def test_values_in_a_phrase_are_text() -> None:
    assert "<b>" not in both("batch.ask_delete", name="<b>'")
    assert attribute("alt", "train.curves") == "alt='损失曲线' data-en-alt='Loss curves'"
