"""Parsers in a process of their own, which is stopped when a hostile file keeps it busy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from model import InputError

_ROOT = Path(__file__).parents[3]


def run_timed(module: str, data: bytes, what: str, timeout_s: float) -> dict[str, str]:
    """Run `python -m module` on data and return the object that it prints.

    Args:
        module: one that reads standard input and prints JSON.
        data: what it reads.
        what: the Chinese name of the kind of file, for messages.
        timeout_s: how long it may take.

    Raises:
        InputError: it took longer, or failed.
    """
    try:
        done = subprocess.run(  # noqa: S603 # our own module, by our own interpreter
            [sys.executable, "-P", "-m", module],
            input=data,
            capture_output=True,
            timeout=timeout_s,
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"{what}读了 {timeout_s:g} 秒还没有读完，未处理；请拆分后再试") from None
    if done.returncode != 0:
        raise InputError(f"{what}不完整或已损坏，无法打开；请重新下载或另存一份")
    found: dict[str, str] = json.loads(done.stdout)
    return found
