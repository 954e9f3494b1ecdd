"""What the commands share: where messages go, exit codes, which model is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

EXIT_FAILED_LINES = 3
EXIT_UNUSABLE = 2
EXIT_STOPPED = 130

console = Console(stderr=True)

ModelFolder = Annotated[
    Path | None,
    typer.Option(
        "--model", envvar="YIWEN_MODEL", help="模型文件夹；不给则用正在使用的模型（yiwen models）。"
    ),
]


def find_model(model: Path | None) -> Path:
    """Return the folder that was given, else that of the registry's current model."""
    from serving.registry.versions import CURRENT, Registry

    return model or Registry.at_home().find(CURRENT)
