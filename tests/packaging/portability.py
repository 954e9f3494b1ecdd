"""Finds in the code what Windows lacks, or does otherwise.

usage: python -m tests.packaging.portability
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("model", "data", "training", "eval", "serving", "kit")
_MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "pty", "tty", "syslog"}
_NAMES = {
    "os": {
        "fork", "forkpty", "getuid", "geteuid", "getgid", "setsid", "killpg", "chown", "lchown",
        "nice", "sched_getaffinity", "mkfifo", "uname", "fchmod", "sync", "O_NOFOLLOW",
        "O_DIRECTORY", "wait", "WIFEXITED", "getpgid", "kill", "symlink", "link", "rename",
    },
    "signal": {
        "SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGPIPE", "SIGCHLD", "alarm",
        "pause",
    },
    "socket": {"AF_UNIX"},
    "select": {"poll", "epoll"},
}  # fmt: skip
_METHODS = {"symlink_to", "hardlink_to", "add_signal_handler", "rename", "owner", "group"}
_TEXT_METHODS = {"read_text": 0, "write_text": 1}
_PLACES = re.compile(r"/(?:tmp|proc|dev|etc|bin|usr|var)(?:/|$)")
FORBIDDEN_NAME = re.compile(r'[<>:"|?*\x00-\x1f]|[. ]$')
DEVICE_NAME = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
# Windows takes 260 characters, of which a user's folder needs some.
MAX_PATH_CHARS = 150


@dataclass(frozen=True)
class Finding:
    """A place in the code and what is there."""

    path: str
    line: int
    what: str

    @property
    def key(self) -> tuple[str, str]:
        """The finding without its line, which moves."""
        return self.path, self.what


def find_all() -> list[Finding]:
    """Return everything that is found in the code of the product."""
    files = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    files.append(ROOT / "gradio_app.py")
    return [finding for path in files for finding in find_in(path)]


def find_in(path: Path) -> Iterator[Finding]:
    """Return what is found in one file."""
    name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = _find_documentation(tree)
    for node in ast.walk(tree):
        if node not in documentation:
            for what in _check(node):
                yield Finding(name, getattr(node, "lineno", 0), what)


def find_in_names() -> Iterator[str]:
    """Return the paths in the repository that Windows cannot have."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    seen: dict[str, str] = {}
    for path in filter(None, listed.stdout.decode("utf-8").split("\0")):
        parts = path.split("/")
        if any(FORBIDDEN_NAME.search(part) or DEVICE_NAME.fullmatch(part) for part in parts):
            yield f"{path}: a name that Windows cannot have"
        if len(path) > MAX_PATH_CHARS:
            yield f"{path}: too long"
        other = seen.setdefault(path.casefold(), path)
        if other != path:
            yield f"{path}: {other} differs in case alone"


def _find_documentation(tree: ast.Module) -> set[ast.AST]:
    """Return the docstrings, which may name any place."""
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, holders)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    }


def _check(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from _check_import(node)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        if node.attr in _NAMES.get(node.value.id, ()):
            yield f"{node.value.id}.{node.attr}"
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        if _PLACES.match(node.value):
            yield f"the place {node.value}"
    elif isinstance(node, ast.Call):
        yield from _check_call(node)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        yield from _check_joined(node.right)


def _check_joined(node: ast.expr) -> Iterator[str]:
    """Check what is joined to a path: a constant, or a text with holes."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [p.value if isinstance(p, ast.Constant) else None for p in parts]
    is_text = all(text is None or isinstance(text, str) for text in texts)
    name = "".join("x" if text is None else str(text) for text in texts)
    is_bad = any(FORBIDDEN_NAME.search(n) or DEVICE_NAME.fullmatch(n) for n in name.split("/"))
    times = [p for p in ast.walk(node) if isinstance(p, ast.Attribute) and p.attr == "isoformat"]
    if times or (is_text and is_bad and name not in {".", ".."}):
        yield "a name that Windows cannot have"


def _check_import(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    else:
        modules = [node.module or ""]
        names = _NAMES.get(node.module or "", set())
        yield from (f"{node.module}.{a.name}" for a in node.names if a.name in names)
    yield from (f"import {module}" for module in modules if module.split(".")[0] in _MODULES)


def _check_call(node: ast.Call) -> Iterator[str]:
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    if None in keywords:
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in _METHODS and isinstance(node.func, ast.Attribute):
        yield f".{name}()"
    if (
        name in _TEXT_METHODS
        and len(node.args) <= _TEXT_METHODS[name]
        and "encoding" not in keywords
    ):
        yield f".{name}() in the platform's encoding"
    if name == "open" and _opens_text(node, keywords):
        yield "open() in the platform's encoding"
    if _is_true(keywords.get("text")) and "encoding" not in keywords:
        yield "a process's text in the platform's encoding"
    if name == "get_context" and [a.value for a in node.args if isinstance(a, ast.Constant)] != [
        "spawn"
    ]:
        yield "processes that are not spawned"


def _opens_text(node: ast.Call, keywords: dict[str | None, ast.expr]) -> bool:
    """Whether it is `open` or `Path.open` in text mode, without an encoding."""
    if "encoding" in keywords:
        return False
    if isinstance(node.func, ast.Name):
        at = 1
    elif isinstance(node.func, ast.Attribute) and not isinstance(node.func.value, ast.Name):
        at = 0
    else:
        at = 0  # of a path or of an archive, which opens bytes and is listed by its caller
    mode = keywords.get("mode") or (node.args[at] if len(node.args) > at else None)
    if mode is None:
        return isinstance(node.func, ast.Name)
    is_mode = isinstance(mode, ast.Constant) and isinstance(mode.value, str)
    return is_mode and set(mode.value) <= set("rwxat+") and "b" not in mode.value


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


if __name__ == "__main__":
    for finding in find_all():
        print(f"{finding.path}:{finding.line}: {finding.what}")
    for line in find_in_names():
        print(line)
