"""Agreement of two independent labellings of the same articles.

usage: python -m data.labels.agreement FIRST.jsonl SECOND.jsonl [MORE pairs ...]

Each line holds `id`, `themes` and `borderline`. Prints Cohen's kappa by theme, over articles that
neither labeller calls borderline for the theme and over all with borderline as a third answer, and
the articles on which the two differ.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sklearn.metrics import cohen_kappa_score

from data.text_files import read_text
from data.themes import read_themes
from model import InputError

SURE, EDGE, NONE = "sure", "borderline", "none"
Answers = dict[str, dict[str, str]]


def read_answers(paths: Sequence[Path], themes: Sequence[str]) -> Answers:
    """Return each article's answer for each theme."""
    rows = [json.loads(line) for path in paths for line in read_text(path).splitlines() if line]
    return {row["id"]: {theme: _answer(row, theme) for theme in themes} for row in rows}


def compare_answers(first: Answers, second: Answers, themes: Sequence[str]) -> list[str]:
    """Return the lines of the report.

    Raises:
        InputError: the two do not label the same articles.
    """
    if set(first) != set(second):
        raise InputError(f"两份标注的文章不同：相差 {len(set(first) ^ set(second))} 篇")
    lines = [f"{len(first)} articles"]
    for theme in themes:
        pairs = [(first[i][theme], second[i][theme]) for i in first]
        clear = [pair for pair in pairs if EDGE not in pair]
        n_sure = sum(SURE in pair for pair in pairs)
        lines.append(
            f"{theme}: kappa {_kappa(clear)} (clear), {_kappa(pairs)} (with borderline); "
            f"sure by one or both {n_sure}; differing {sum(a != b for a, b in pairs)}"
        )
    for i in first:
        differing = [
            f"{t}: {first[i][t]}/{second[i][t]}" for t in themes if _differ(first, second, i, t)
        ]
        if differing:
            lines.append(f"{i}  {', '.join(differing)}")
    return lines


def _differ(first: Answers, second: Answers, article: str, theme: str) -> bool:
    return first[article][theme] != second[article][theme]


def _kappa(pairs: Sequence[tuple[str, str]]) -> str:
    if len({answer for pair in pairs for answer in pair}) < 2:  # noqa: PLR2004
        return "–"
    one, other = zip(*pairs, strict=True)
    return f"{cohen_kappa_score(one, other):.2f}"


def _answer(row: dict[str, Any], theme: str) -> str:
    if theme in row["themes"]:
        return SURE
    return EDGE if theme in row["borderline"] else NONE


def main(paths: Sequence[str]) -> None:
    """Read pairs of files and print the report."""
    themes = [theme.key for theme in read_themes()]
    files = [Path(path) for path in paths]
    first, second = (read_answers(files[i::2], themes) for i in (0, 1))
    print("\n".join(compare_answers(first, second, themes)))


if __name__ == "__main__":
    main(sys.argv[1:])
