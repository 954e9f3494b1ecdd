"""One style for commands of single modules, `python -m data.corpus.check`: typer, clear errors."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer
from rich.console import Console

from model import YiwenError


def run_command(main: Callable[..., None]) -> None:
    """Run a function as the command of its module, with `--help` from its docstring.

    Wrong arguments end the process with status 2. An error that names its cause is printed without
    traceback and ends the process with status 1.
    """
    try:
        typer.run(main)
    except (YiwenError, OSError) as error:
        Console(stderr=True).print(f"错误：{error}", style="red", highlight=False, markup=False)
        sys.exit(1)
