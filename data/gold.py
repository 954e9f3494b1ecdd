"""Gold articles: the right answers that reports are measured against.

In JSON Lines, one article a line; `figures` and `summary` are null where they were not marked:

    {"id": "002856edc996", "text": "…", "themes": ["smart"], "borderline": [], "primary": null,
     "figures": [{"text": "93.4%", "at": 14, "indicator": "就诊率", "value": 93.4, "unit": "%",
                  "kind": "level", "bound": "", "year": 2022, "must": true}], "summary": "…"}
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.corpus.annotated import BOUNDS, KINDS, RANGE_ENDS, read_corpus
from data.labelled import LabelledArticle
from data.text_files import read_text
from model import InputError

SHOWN_PROBLEMS = 20


@dataclass(frozen=True)
class GoldFigure:
    """A figure that an annotator marked.

    `value` is in base units, `(low, high)` for a range, None for a doubtful figure that is marked
    by its text alone. Any of `kinds` is right. A figure with `must` false is doubtful and counts
    neither way. `official` is the usual name of the indicator, where the annotator gave one.
    """

    text: str
    indicator: str
    value: tuple[float, ...] | None
    unit: str
    kinds: tuple[str, ...]
    bound: str
    year: int | None
    must: bool = True
    official: str | None = None


@dataclass(frozen=True)
class GoldArticle:
    """An article with its right answers; `figures` and `summary` are None where not marked."""

    id: str
    text: str
    themes: frozenset[str]
    borderline: frozenset[str] = frozenset()
    primary: str | None = None
    figures: tuple[GoldFigure, ...] | None = None
    summary: str | None = None
    title: str = ""
    date: str = ""
    source: str = ""


def read_gold_articles(path: Path, theme_keys: frozenset[str]) -> list[GoldArticle]:
    """Read gold from JSON Lines, or from a folder of annotated text.

    Raises:
        InputError: there is no such path, or labels do not parse.
    """
    if not path.exists():
        raise InputError(f"没有这个文件或文件夹：{path}")
    if path.is_dir():
        return [to_gold(article) for article in read_corpus(path, theme_keys)]
    return read_gold(path, theme_keys)


def read_gold(path: Path, theme_keys: frozenset[str]) -> list[GoldArticle]:
    """Read every line.

    Raises:
        InputError: lines do not parse, name a theme that the model does not have, mark a figure
            that is not in the text, or repeat an id; the message counts and lists them.
    """
    articles: dict[str, GoldArticle] = {}
    problems = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            article = _read_line(line, theme_keys)
            if article.id in articles:
                raise InputError(f"编号 {article.id} 与前面重复")
            articles[article.id] = article
        except InputError as error:
            problems.append(f"第 {number} 行：{error}")
    if problems:
        shown = "\n".join(problems[:SHOWN_PROBLEMS])
        raise InputError(f"{path} 有 {len(problems)} 行不合要求，未评测：\n{shown}")
    if not articles:
        raise InputError(f"{path} 里没有标注文章")
    return list(articles.values())


def to_labelled(gold: GoldArticle) -> LabelledArticle:
    """Return a gold article as a labelled article, with its themes alone."""
    return LabelledArticle(gold.id, gold.text, "gold", gold.themes, gold.borderline)


def to_gold(article: LabelledArticle) -> GoldArticle:
    """Return a labelled article as a gold article; its summary is its key sentences."""
    keys = [s for s in article.sentences or () if s.key]
    return GoldArticle(
        id=article.id,
        text=article.text,
        themes=article.themes,
        borderline=article.borderline,
        primary=article.primary,
        figures=_to_figures(article),
        summary="".join(article.text[s.start : s.end] for s in keys) or None,
        title=article.title,
        date=article.date,
        source=article.source,
    )


def _to_figures(article: LabelledArticle) -> tuple[GoldFigure, ...] | None:
    if article.figures is None:
        return None
    return tuple(
        GoldFigure(
            text=article.text[f.start : f.end],
            indicator=f.indicator,
            value=f.value,
            unit=f.unit,
            kinds=(f.kind,),
            bound=f.bound,
            year=f.year,
        )
        for f in article.figures
    )


def _read_line(line: str, theme_keys: frozenset[str]) -> GoldArticle:
    try:
        row: dict[str, Any] = json.loads(line)
        themes, borderline = frozenset(row["themes"]), frozenset(row.get("borderline") or ())
        name, text = str(row["id"]), row["text"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"应有 id、text、themes 三项（{error!r}）") from None
    primary = row.get("primary")
    named = themes | borderline | ({primary} if primary else frozenset())
    if unknown := named - theme_keys:
        raise InputError(f"模型没有主题 {'、'.join(sorted(map(str, unknown)))}")
    if not isinstance(text, str) or not text.strip():
        raise InputError("text 应为一篇文章的正文")
    figures = row.get("figures")
    return GoldArticle(
        id=name,
        text=text,
        themes=themes,
        borderline=borderline - themes,
        primary=primary,
        figures=None if figures is None else tuple(read_gold_figure(f, text) for f in figures),
        summary=row.get("summary") or None,
        title=row.get("title") or "",
        date=row.get("date") or "",
        source=row.get("source") or "",
    )


def read_gold_figure(row: Any, text: str) -> GoldFigure:
    """Read one figure of an article.

    Raises:
        InputError: a field is missing or out of range, or the figure is not in the text.
    """
    try:
        figure = GoldFigure(
            text=row["text"],
            indicator=row.get("indicator") or "",
            value=_read_value(row["value"]) if "value" in row else None,
            unit=row.get("unit") or "",
            kinds=tuple(k for k in (row.get("kind"), row.get("kind_alt")) if k),
            bound=row.get("bound") or "",
            year=row.get("year"),
            must=row.get("must", True),
            official=row.get("official") or None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"数字标注读不懂（{error!r}）：{row}") from None
    _check_figure(figure, row.get("at"), text)
    return figure


def _read_value(value: Any) -> tuple[float, ...]:
    ends = tuple(map(float, value)) if isinstance(value, list) else (float(value),)
    if not 1 <= len(ends) <= RANGE_ENDS:
        raise ValueError("应为一个数，或 [低, 高]")
    return ends


def _check_figure(figure: GoldFigure, at: Any, text: str) -> None:
    if figure.text not in text:
        raise InputError(f"数字“{figure.text}”不在正文里")
    if at is not None and not text.startswith(figure.text, at):
        raise InputError(f"数字“{figure.text}”不在所标的位置 {at}")
    if figure.must and (figure.value is None or not figure.kinds):
        raise InputError(f"数字“{figure.text}”缺少 value 或 kind")
    if set(figure.kinds) - set(KINDS) or figure.bound not in BOUNDS:
        raise InputError(f"数字“{figure.text}”的 kind 或 bound 不在允许之列")
