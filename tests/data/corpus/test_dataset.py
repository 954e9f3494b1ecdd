from __future__ import annotations

from pathlib import Path

import pytest
from datasets import load_dataset

from data.corpus.dataset import FEATURES, from_dataset, to_dataset_dict
from data.corpus.loader import load_labelled
from data.corpus.texts import VARIABLE
from data.themes import read_themes


def test_every_labelled_article_comes_back_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    articles = load_labelled(read_themes()).articles
    splits = to_dataset_dict(articles, 0.2, seed=3)
    assert set(splits) == {"train", "held_out"}
    back = [*from_dataset(splits["train"]), *from_dataset(splits["held_out"])]
    assert sorted(back, key=lambda a: a.id) == sorted(articles, key=lambda a: a.id)
    path = tmp_path / "train.parquet"
    splits["train"].to_parquet(path)
    again = load_dataset(
        "parquet", data_files=str(path), split="train", features=FEATURES,
        cache_dir=str(tmp_path / "cache"),
    )  # fmt: skip
    assert from_dataset(again) == from_dataset(splits["train"])
