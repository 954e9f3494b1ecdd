"""The three sources as one `datasets.DatasetDict`, for Parquet, streaming and other programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from datasets import Dataset, DatasetDict, Features, List, Value

from data.corpus.split import split_held_out
from data.labelled import LabelledArticle, LabelledFigure, LabelledSentence

_NAMES = List(Value("string"))
_SENTENCE = {
    "start": Value("int32"), "end": Value("int32"), "themes": _NAMES, "borderline": _NAMES,
    "key": Value("bool"),
}  # fmt: skip
_FIGURE = {
    "start": Value("int32"), "end": Value("int32"), "indicator": Value("string"),
    "value": List(Value("float64")), "unit": Value("string"), "kind": Value("string"),
    "bound": Value("string"), "year": Value("int32"), "body": Value("string"),
    "base": Value("string"), "official": Value("string"),
}  # fmt: skip
FEATURES = Features(
    {
        "id": Value("string"), "text": Value("string"), "source": Value("string"),
        "themes": _NAMES, "borderline": _NAMES, "primary": Value("string"),
        "title": Value("string"), "date": Value("string"), "genre": Value("string"),
        "near": _NAMES, "cluster": Value("string"), "sentences": List(_SENTENCE),
        "complete": Value("bool"), "figures": List(_FIGURE),
        "unasked": _NAMES,
    }
)  # fmt: skip


def to_dataset_dict(
    articles: Sequence[LabelledArticle], held_out_share: float, seed: int
) -> DatasetDict:
    """Return the splits `train` and `held_out`; no story is on both sides.

    `sentences` and `figures` are null where they were not marked.
    """
    train, held_out = split_held_out(articles, held_out_share, seed)
    return DatasetDict({"train": _to_dataset(train), "held_out": _to_dataset(held_out)})


def from_dataset(dataset: Dataset) -> list[LabelledArticle]:
    """Return the labelled articles of a split."""
    return [_to_article(row) for row in dataset]


def _to_dataset(articles: Sequence[LabelledArticle]) -> Dataset:
    return Dataset.from_list([_to_row(article) for article in articles], features=FEATURES)


def _to_row(article: LabelledArticle) -> dict[str, Any]:
    row = asdict(article) | {key: sorted(getattr(article, key)) for key in _SETS}
    if article.sentences is not None:
        row["sentences"] = [
            asdict(s) | {"themes": sorted(s.themes), "borderline": sorted(s.borderline)}
            for s in article.sentences
        ]
    return row


def _to_article(row: dict[str, Any]) -> LabelledArticle:
    values = {f.name: row[f.name] for f in fields(LabelledArticle)}
    values |= {key: frozenset(row[key]) for key in _SETS}
    if row["sentences"] is not None:
        values["sentences"] = tuple(map(_to_sentence, row["sentences"]))
    if row["figures"] is not None:
        figures = (LabelledFigure(**{**f, "value": tuple(f["value"])}) for f in row["figures"])
        values["figures"] = tuple(figures)
    return LabelledArticle(**values)


def _to_sentence(row: dict[str, Any]) -> LabelledSentence:
    return LabelledSentence(
        row["start"], row["end"], frozenset(row["themes"]), frozenset(row["borderline"]), row["key"]
    )


_SETS = ("themes", "borderline", "near", "unasked")
