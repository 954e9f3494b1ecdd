"""Right answers for an evaluation, from gold articles or from any label file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.gold import SHOWN_PROBLEMS, GoldArticle, read_gold_articles, to_gold
from data.labels.files import read_labels
from model import InputError

_GOLD_SUFFIXES = (".jsonl", ".ndjson")


def read_answers(path: Path, names: Mapping[str, str]) -> list[GoldArticle]:
    """Read the articles that a model is measured on.

    Args:
        path: a folder of annotated text, JSON Lines of gold articles, or a label file of any
            format that training reads.
        names: the Chinese name of every theme of the model, by key.

    Raises:
        InputError: there is no such path, or rows cannot be used; the message names each.
    """
    if not path.is_file() or _is_gold(path):
        return read_gold_articles(path, frozenset(names))
    read = read_labels(path, names)
    refused = [str(problem) for problem in read.problems if not problem.is_used]
    if refused:
        shown = "\n".join(refused[:SHOWN_PROBLEMS])
        raise InputError(f"{path} 有 {len(refused)} 处不合要求，未评测：\n{shown}")
    return [to_gold(correction.labelled) for correction in read.corrections]


def _is_gold(path: Path) -> bool:
    """Whether the first line is a gold article."""
    if path.suffix.lower() not in _GOLD_SUFFIXES:
        return False
    with path.open("rb") as stream:
        lines = (line for line in stream if line.strip())
        row = _parse(next(lines, b""))
    return isinstance(row, dict) and isinstance(row.get("themes"), list) and "id" in row


def _parse(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
