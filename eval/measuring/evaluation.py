"""Evaluation: one model and the baselines on the same gold, every number with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter

from data.corpus.duplicates import find_known
from data.gold import GoldArticle
from data.labelled import LabelledArticle
from data.themes import ThemeEntry, read_themes
from eval.baselines import Aspect, Baseline, Embed, run_baselines
from eval.measuring.bootstrap import Estimate, estimate
from eval.measuring.measures import FIGURES, SUMMARIES, THEMES, Measure, theme_measures
from eval.measuring.predictions import Prediction, clean_gold, predict
from eval.measuring.scoresheet import Scoresheet, mark
from model import Analyzer

_MEASURES = {Aspect.THEMES: THEMES, Aspect.FIGURES: FIGURES, Aspect.SUMMARIES: SUMMARIES}


@dataclass(frozen=True)
class Scores:
    """One system's measures of one aspect."""

    system: str
    aspect: Aspect
    estimates: dict[str, Estimate]


@dataclass(frozen=True)
class Evaluation:
    """A model measured on gold articles; `names` maps theme keys to their Chinese names."""

    model: str
    names: dict[str, str]
    golds: tuple[GoldArticle, ...]
    predictions: tuple[Prediction, ...]
    sheet: Scoresheet
    measures: tuple[Measure, ...]
    estimates: dict[str, Estimate]
    baselines: tuple[Scores, ...]
    n_articles_per_s: float


def evaluate(
    analyzer: Analyzer,
    golds: Sequence[GoldArticle],
    train: Sequence[LabelledArticle] | None = None,
    embed: Embed | None = None,
) -> Evaluation:
    """Measure a model as serving runs it, and baselines trained on `train`.

    With `train` None the baselines are left out.
    """
    names = analyzer.manifest.theme_names
    articles = [clean_gold(gold) for gold in golds]
    start = perf_counter()
    predictions = predict(analyzer, articles)
    seconds = perf_counter() - start
    sheet = mark(golds, predictions, list(names))
    measures = (*THEMES, *theme_measures(list(names), names), *FIGURES, *SUMMARIES)
    baselines: Iterable[Baseline] = ()
    if train is not None:
        described = {theme.key: theme for theme in read_themes()}
        themes = [described.get(k, ThemeEntry(k, name, name)) for k, name in names.items()]
        baselines = run_baselines(train, golds, articles, themes, embed)
    return Evaluation(
        model=analyzer.manifest.version,
        names=names,
        golds=tuple(golds),
        predictions=tuple(predictions),
        sheet=sheet,
        measures=measures,
        estimates=estimate(sheet, measures),
        baselines=tuple(
            Scores(
                b.name,
                b.aspect,
                estimate(mark(golds, b.predictions, list(names)), _MEASURES[b.aspect]),
            )
            for b in baselines
        ),
        n_articles_per_s=len(golds) / seconds,
    )


def without_known(
    train: Sequence[LabelledArticle], golds: Sequence[GoldArticle]
) -> tuple[list[LabelledArticle], list[LabelledArticle]]:
    """Split training articles into usable ones and near-duplicates of gold articles."""
    known = find_known([a.text for a in train], [g.text for g in golds])
    pairs = list(zip(train, known, strict=True))
    return [a for a, k in pairs if k is None], [a for a, k in pairs if k is not None]
