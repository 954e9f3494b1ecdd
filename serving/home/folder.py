"""The folder for what users make: store, batch results, models."""

from __future__ import annotations

import os
from pathlib import Path

HOME_VARIABLE = "YIWEN_HOME"


def home_path() -> Path:
    """Return where the folder is, or would be: `~/.yiwen` unless `YIWEN_HOME` names another."""
    return Path(os.environ.get(HOME_VARIABLE) or Path.home() / ".yiwen")


def home_folder() -> Path:
    """Return the folder; it is made if missing."""
    folder = home_path()
    folder.mkdir(parents=True, exist_ok=True)
    return folder
