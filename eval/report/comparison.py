"""Two models on the same gold: differences with their intervals, and changed articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan

from rich.table import Table

from data.gold import GoldArticle
from eval.measuring.bootstrap import Estimate, estimate_difference
from eval.measuring.measures import FIGURES, SUMMARIES, THEMES, Measure, theme_measures
from eval.measuring.predictions import Prediction, clean_gold, predict
from eval.measuring.scoresheet import mark
from model import Analyzer, InputError


@dataclass(frozen=True)
class Change:
    """An article that the two models tag differently."""

    gold: GoldArticle
    old: frozenset[str]
    new: frozenset[str]

    @property
    def verdict(self) -> str:
        """Whether the new themes have fewer, more or as many mistakes."""
        before, after = (_n_wrong(self.gold, predicted) for predicted in (self.old, self.new))
        return "变好" if after < before else "变差" if after > before else "不同"


@dataclass(frozen=True)
class Comparison:
    """Two models: every measure of both, new minus old, and the articles tagged differently."""

    old: str
    new: str
    names: dict[str, str]
    measures: tuple[Measure, ...]
    values: dict[str, tuple[float, float]]
    differences: dict[str, Estimate]
    changes: tuple[Change, ...]


def compare_analyzers(old: Analyzer, new: Analyzer, golds: Sequence[GoldArticle]) -> Comparison:
    """Measure both models on the same articles.

    Raises:
        InputError: the models have no theme in common.
    """
    names = {k: n for k, n in new.manifest.theme_names.items() if k in old.manifest.theme_names}
    if not names:
        raise InputError("两个模型没有相同的主题，无法比较")
    articles = [clean_gold(gold) for gold in golds]
    predictions = [_only(predict(analyzer, articles), names) for analyzer in (old, new)]
    sheets = [mark(golds, predicted, list(names)) for predicted in predictions]
    measures = (*THEMES, *theme_measures(list(names), names), *FIGURES, *SUMMARIES)
    changes = (
        Change(gold, a.themes, b.themes)
        for gold, a, b in zip(golds, *predictions, strict=True)
        if a.themes != b.themes
    )
    return Comparison(
        old=old.manifest.version,
        new=new.manifest.version,
        names=names,
        measures=measures,
        values={m.key: (m.of(sheets[0]), m.of(sheets[1])) for m in measures},
        differences=estimate_difference(sheets[0], sheets[1], measures),
        changes=tuple(changes),
    )


def comparison_table(comparison: Comparison) -> Table:
    """Return both models' measures; a difference is bold if its interval excludes zero."""
    table = Table(title=f"{comparison.old} → {comparison.new}")
    for column in ("指标", "旧", "新", "差", "95% 区间"):
        table.add_column(column, justify="left" if column == "指标" else "right")
    for measure in comparison.measures:
        old, new = comparison.values[measure.key]
        if isnan(old) or isnan(new):
            continue
        d = comparison.differences[measure.key]
        cells = (f"{old:.3f}", f"{new:.3f}", f"{d.value:+.3f}", f"{d.low:+.3f} – {d.high:+.3f}")
        table.add_row(measure.name, *cells, style="bold" if d.low * d.high > 0 else None)
    return table


def change_table(comparison: Comparison) -> Table:
    """Return the articles whose themes changed."""
    table = Table(title=f"主题有变的文章：{len(comparison.changes)} 篇")
    for column in ("文章", "标注", "旧", "新", ""):
        table.add_column(column)
    for change in comparison.changes:
        cells = (change.gold.themes, change.old, change.new)
        shown = ("、".join(sorted(comparison.names.get(t, t) for t in c)) or "无" for c in cells)
        table.add_row(change.gold.id, *shown, change.verdict)
    return table


def _only(predictions: Sequence[Prediction], names: dict[str, str]) -> list[Prediction]:
    """Keep only the themes of `names`."""
    keys = frozenset(names)
    return [
        replace(
            a,
            themes=a.themes & keys,
            scores={key: a.scores[key] for key in names},
            review=a.review & keys,
        )
        for a in predictions
    ]


def _n_wrong(gold: GoldArticle, predicted: frozenset[str]) -> int:
    return len(gold.themes - predicted) + len(predicted - gold.themes - gold.borderline)
