"""Where users' files lie: the home folder, what is in it, and the cache."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

HOME_VARIABLE = "YIWEN_HOME"
STORE_NAME = "yiwen.db"
NAMES_FILE = "names.json"  # of the registry: which model is in use
UPLOADS = "上传"  # what the reports of a batch job call the folder of their sources
RESULT_NAME = "result.jsonl"
MODEL_NAME, LABELS_NAME, THEMES_NAME = "model", "labels.jsonl", "themes.yaml"
VECTORS = "vectors"  # in the cache: what a training has read
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
LOG_NAME, LOCK_NAME = "log.txt", ".lock"


def home_path() -> Path:
    """Return where the folder is, or would be: `~/.yiwen` unless `YIWEN_HOME` names another."""
    return Path(os.environ.get(HOME_VARIABLE) or Path.home() / ".yiwen")


def home_folder() -> Path:
    """Return the folder, which nobody else on the machine can read; it is made if missing."""
    folder = home_path()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_private(folder)
    return folder


def make_private(path: Path) -> None:
    """Take the rights of others to a file or folder away, if it is this user's alone.

    A folder that others have reasons to be in stays as it is: one with the sticky bit such as
    `/tmp`, and the user's own home folder.
    """
    if not hasattr(os, "getuid"):
        return
    status = path.stat()
    is_shared = status.st_mode & stat.S_ISVTX or path.resolve() in (Path.home(), Path("/"))
    if status.st_mode & _OTHERS and status.st_uid == os.getuid() and not is_shared:
        with suppress(OSError):  # a disk without rights has none to take
            path.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)


def models_path() -> Path:
    """Return where the registry is, or would be."""
    return home_path() / "models"


def jobs_folder() -> Path:
    """Return the folder of all batch jobs; nobody else on the machine can read it."""
    return _private_folder("jobs")


def shared_jobs_folder() -> Path:
    """Return the folder of shared batches in work; nobody else on the machine can read it."""
    return _private_folder("shared")


def trainings_folder() -> Path:
    """Return the folder of all trainings; nobody else on the machine can read it."""
    return _private_folder("trainings")


def last_articles_folder() -> Path:
    """Return the folder of the page's last articles; nobody else on the machine can read it."""
    return _private_folder("last")


def cache_path() -> Path:
    """Return where what can be computed again is kept."""
    return Path.home() / ".cache" / "yiwen"


def _private_folder(name: str) -> Path:
    folder = home_folder() / name
    folder.mkdir(mode=0o700, exist_ok=True)
    make_private(folder)
    return folder
