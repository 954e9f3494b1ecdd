"""Gold articles in JSON Lines: labelled as a whole, for measuring.

{"id": "002856edc996", "text": "…", "themes": ["smart"], "borderline": [], "primary": null}
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from data.files import read_text
from data.labelled import LabelledArticle
from model import InputError


def read_gold(path: Path, theme_keys: frozenset[str]) -> list[LabelledArticle]:
    """Read every line.

    Raises:
        InputError: a line does not parse or names a theme the model does not know; the
            message gives its number.
    """
    articles = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if line.strip():
            articles.append(_read_line(line, f"{path} 第 {number} 行", theme_keys))
    if not articles:
        raise InputError(f"{path} 里没有标注文章")
    return articles


def _read_line(line: str, place: str, theme_keys: frozenset[str]) -> LabelledArticle:
    try:
        row: dict[str, Any] = json.loads(line)
        themes, borderline = frozenset(row["themes"]), frozenset(row.get("borderline") or ())
        name, text = str(row["id"]), row["text"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{place}：应有 id、text、themes 三项（{error!r}）") from None
    if unknown := (themes | borderline) - theme_keys:
        raise InputError(f"{place}：模型没有主题 {'、'.join(sorted(map(str, unknown)))}")
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{place}：text 应为一篇文章的正文")
    return LabelledArticle(
        id=name,
        text=text,
        source="gold",
        themes=themes,
        borderline=borderline - themes,
        primary=row.get("primary"),
        date=row.get("date") or "",
    )
