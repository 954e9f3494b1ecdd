"""A tiny fit, on three files of the corpus: what tests of training share."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from data.corpus.loader import CORPUS_FOLDER
from data.corpus.pointers import Resolved
from data.labelled import LabelledArticle, LabelledSentence
from model.manifest import Manifest
from training.recipes.from_base import train_model
from training.settings import Settings
from training.training_data import UserData

TINY = Settings(
    name="tiny", dropped_layers=(), frozen_layers=1, window_tokens=48, probe_passes=1, passes=2,
    batch_tokens=6_000, held_out=0.3, threads=1,
)  # fmt: skip
_FILES = ("cai.txt", "gong.txt", "te.txt")


@contextmanager
def read_little(folder: Path) -> Iterator[None]:
    """Have the loader read three files, copied to `folder`, and no text from elsewhere."""
    for name in _FILES:
        shutil.copy(CORPUS_FOLDER / name, folder)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("data.corpus.loader.CORPUS_FOLDER", folder)
        monkeypatch.setattr("data.corpus.loader.resolve_pointers", lambda: Resolved((), 0))
        yield


def train(base: Path, out: Path, settings: Settings = TINY) -> Manifest:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return train_model(UserData(()), out, str(base), settings, Console(quiet=True))


def labelled(**changes: object) -> LabelledArticle:
    text = "县医院派驻医师到乡镇。机器人上岗了今天。天气很好很好。"
    values: dict[str, object] = {
        "id": "1", "text": text, "source": "corpus", "themes": frozenset({"alliance"}),
        "borderline": frozenset({"smart"}),
        "sentences": (
            LabelledSentence(0, 11, frozenset({"alliance"}), key=True),
            LabelledSentence(11, 20, frozenset(), frozenset({"smart"})),
        ),
    }  # fmt: skip
    return LabelledArticle(**(values | changes))  # type: ignore[arg-type]
