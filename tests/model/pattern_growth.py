"""No pattern may take more than linear time: what is pasted may hold anything, any number of times.

Every compiled pattern below `model` and `data` runs over hostile texts: its own literals and what
news holds, repeated. A text that takes no measurable time passes at once; a slow one must grow
with its length: the whole may not take much longer than its sixteen parts, one by one.

`python -m tests.model.pattern_growth` prints what it finds. It is a process of its own, since its
time limit is a signal, which broke a process full of other libraries' threads.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import pkgutil
import re
import signal
import time
from collections.abc import Iterable, Iterator
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import FrameType, ModuleType
from typing import Any

import data
import model

N_CHARS = 2_200
FLOOR_S = 0.012  # most linear patterns take 1 to 3 ms, a quadratic one 40 ms and more
LIMIT_S = 0.3  # of processor time for one text; an exponential pattern never ends
PARTS = 16  # a text is compared with so many parts of it: linear 1, quadratic 16
MAX_GROWTH = 8.0
N_TRIES = 15  # a machine that does other things only ever adds to a time
MAX_LITERALS = 12

UNITS = (
    "1", "12 ", "1,", "1.", "1、", "…", "。", "，", "“", "”", "“”", "（", "）", "（）", "《", "【",
    "\n", "\t", " ", "a", "A1", "中", "王小明", "王小明 ", "记者王小", "记者 王小明 ", "县医院",
    "县", "年", "2023年", "1月1日", "医院的", "在县", "为了", "说：“", "，其中", "万", "一",
    "百万", "12人次", "90.6%", "由1提高到", "分别为1、", "编辑：王小明", "、", "；", "：", "-",
    "/", "http://a",
)  # fmt: skip
OPENINGS = ("", "县医院")
ENDINGS = ("", "中", "\n")


def find_patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Return every compiled pattern of the two packages, once, with the place of its name."""
    found: dict[tuple[str, int], tuple[str, re.Pattern[str]]] = {}
    for module in _modules():
        for name, value in vars(module).items():
            for pattern in _patterns_of(value, module):
                key = (pattern.pattern, pattern.flags)
                found.setdefault(key, (f"{module.__name__}.{name}", pattern))
    return list(found.values())


def _modules() -> Iterator[ModuleType]:
    for package in (model, data):
        yield package
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not info.name.endswith("__main__"):
                yield importlib.import_module(info.name)


def _patterns_of(value: Any, module: ModuleType) -> Iterator[re.Pattern[str]]:
    """A pattern, those in a collection, and what a cached function without arguments compiles."""
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, dict):
        yield from _patterns_of(tuple(value.values()), module)
    elif isinstance(value, (tuple, list, frozenset, set)):
        for item in value:
            yield from _patterns_of(item, module)
    elif isinstance(value, functools._lru_cache_wrapper) and value.__module__ == module.__name__:
        signature = inspect.signature(value)
        if "Pattern[str]" in str(signature.return_annotation) and not signature.parameters:
            yield from _patterns_of(value(), module)


def _literals(pattern: re.Pattern[str]) -> list[str]:
    """The strings of characters that a pattern names, longest first, and its characters."""
    runs: list[str] = []
    _collect(parser.parse(pattern.pattern, pattern.flags), runs)
    unique = dict.fromkeys(run for run in runs if run)
    longest = sorted(unique, key=len, reverse=True)[: MAX_LITERALS // 2]
    return list(dict.fromkeys([*longest, *unique]))[:MAX_LITERALS]


def _collect(tree: Iterable[Any], runs: list[str]) -> None:
    run = ""
    for code, argument in tree:
        if code is codes.LITERAL:
            run += chr(argument)
            continue
        runs.append(run)
        run = ""
        for part in argument if isinstance(argument, (tuple, list)) else (argument,):
            for branch in part if isinstance(part, list) else (part,):
                if isinstance(branch, parser.SubPattern):
                    _collect(branch, runs)
    runs.append(run)


def _texts(pattern: re.Pattern[str], n_chars: int) -> Iterator[str]:
    literals = _literals(pattern)
    for unit in dict.fromkeys((*UNITS, *literals)):
        body = unit * (n_chars // len(unit))
        for ending in ENDINGS:
            yield body + ending
    for opening in dict.fromkeys((*OPENINGS, *literals)):
        for unit in ("1", "中", "王小", " "):
            yield opening + unit * (n_chars // len(unit)) + "\n"
            break_off = max(1, n_chars // (len(opening) + len(unit)))
            yield (opening + unit) * break_off


class TooSlowError(Exception):
    """One text took longer than the limit."""


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise TooSlowError


def measure(pattern: re.Pattern[str], text: str, times: int = 1) -> float:
    """Return the seconds that all matches in a text take, so many times; infinite over the limit.

    The clock is that on the wall, which is finer than the processor's; what else the machine does
    only ever adds to it, so the least of several tries counts.
    """
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_S)
    started = time.perf_counter()
    try:
        for _ in range(times):
            for _ in pattern.finditer(text):
                pass
            pattern.match(text)
            pattern.fullmatch(text)
    except TooSlowError:
        return float("inf")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.perf_counter() - started


def find_growth(pattern: re.Pattern[str]) -> str:
    """Return the start of a text whose time grows faster than its length, or nothing."""
    for short, text in zip(
        _texts(pattern, N_CHARS // PARTS), _texts(pattern, N_CHARS), strict=True
    ):
        first = measure(pattern, text)
        if first == float("inf") == measure(pattern, text):
            return text[:40]
        if first < FLOOR_S or first <= MAX_GROWTH * measure(pattern, short, PARTS):
            continue
        whole = min(measure(pattern, text) for _ in range(N_TRIES))
        parts = min(measure(pattern, short, PARTS) for _ in range(N_TRIES))
        if whole > MAX_GROWTH * parts:
            return text[:40]
    return ""


PATTERNS = find_patterns()
# Patterns that take more than linear time: they must be found out.
BAD = ("(?:a+)+b", "(?:中{1,2})+。", "a*a*b", r"\d+\d+\d+x")


def main() -> None:
    """Print places of all patterns, which bad ones are found out, and which patterns are slow."""
    signal.signal(signal.SIGVTALRM, _stop)
    found = {
        "places": [place for place, _ in PATTERNS],
        "bad": [unit for unit in BAD if find_growth(re.compile(unit))],
        "slow": [
            (place, pattern.pattern[:200], text)
            for place, pattern in PATTERNS
            if (text := find_growth(pattern))
        ],
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
