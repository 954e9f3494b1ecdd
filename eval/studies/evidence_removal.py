"""Removal of evidence: whether a theme's score falls below its threshold without its evidence.

`python -m eval.studies.evidence_removal ARTICLES [MODEL]`; the articles' labels are not used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from data.command import run_command
from data.gold import read_gold_articles
from eval.measuring.predictions import clean_gold
from model import Analyzer, Article, InputError, Theme
from model.analyzer import DEFAULT_MODEL
from model.theme_scoring import score_themes


@dataclass(frozen=True)
class Removal:
    """One accepted theme of an article, with its score before and after removal."""

    article: str | int
    theme: str
    before: float
    after: float
    threshold: float
    n_evidence: int
    evidence_share: float

    @property
    def fell(self) -> bool:
        """Whether the theme is no longer accepted."""
        return self.after < self.threshold


def remove_evidence(analyzer: Analyzer, article: Article) -> list[Removal]:
    """Score an article again without each accepted theme's evidence."""
    thresholds = {s.key: s.threshold for s in analyzer.manifest.themes}
    return [
        Removal(
            article=article.id,
            theme=theme.theme,
            before=theme.score,
            after=_score_without(analyzer, article, theme),
            threshold=thresholds[theme.theme],
            n_evidence=len(theme.evidence),
            evidence_share=len(theme.evidence) / len(article.sentences),
        )
        for theme in analyzer.analyze(article).themes
    ]


def _score_without(analyzer: Analyzer, article: Article, theme: Theme) -> float:
    """Return a theme's score over the other sentences; 0 without any."""
    rest = tuple(s for s in article.sentences if s not in theme.evidence)
    if not rest:
        return 0.0
    encoded = analyzer.encode(replace(article, sentences=rest))
    return score_themes(encoded, analyzer.manifest)[theme.theme]


def report_removals(analyzer: Analyzer, articles: Iterable[Article], console: Console) -> float:
    """Print, by theme, how often the score falls below the threshold; return the overall share.

    Raises:
        InputError: no article has a theme.
    """
    shown = track(list(articles), description="取走依据", console=Console(stderr=True))
    removals = [removal for article in shown for removal in remove_evidence(analyzer, article)]
    if not removals:
        raise InputError("没有一篇文章得到主题，无从检验")
    table = Table(title=f"{analyzer.manifest.version}：取走依据之后，得分降到阈值以下的比例")
    for column in ("主题", "标注", "降下", "比例", "依据平均句数", "占全文句数"):
        table.add_column(column, justify="left" if column == "主题" else "right")
    for key, name in (*analyzer.manifest.theme_names.items(), ("", "全部")):
        some = [r for r in removals if key in ("", r.theme)]
        if some:
            table.add_row(name, *_row(some))
    console.print(table)
    for removal in removals:
        if not removal.fell:
            console.print(
                f"{removal.article} {removal.theme}: {removal.before:.2f} → {removal.after:.2f} "
                f"(≥ {removal.threshold:.2f})"
            )
    return sum(r.fell for r in removals) / len(removals)


def _row(removals: list[Removal]) -> tuple[str, ...]:
    n = len(removals)
    fell = sum(r.fell for r in removals)
    sentences = sum(r.n_evidence for r in removals) / n
    share = sum(r.evidence_share for r in removals) / n
    return str(n), str(fell), f"{fell / n:.1%}", f"{sentences:.1f}", f"{share:.1%}"


def main(
    data: Annotated[Path, typer.Argument(help="JSON Lines of gold articles, or a corpus folder.")],
    model: Annotated[Path, typer.Argument(help="A model folder.")] = DEFAULT_MODEL,
) -> None:
    """Print how often a theme's score falls below its threshold without its evidence."""
    analyzer = Analyzer.load(model)
    keys = frozenset(analyzer.manifest.theme_names)
    report_removals(analyzer, map(clean_gold, read_gold_articles(data, keys)), Console())


if __name__ == "__main__":
    run_command(main)
