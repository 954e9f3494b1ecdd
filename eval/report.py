"""The quality report: a model's themes against labelled articles, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from data.annotated import read_corpus
from data.gold import read_gold
from data.labelled import LabelledArticle
from data.loader import load_labelled
from data.themes import read_themes
from eval.metrics import (
    Counts,
    Judged,
    count_all,
    count_theme,
    exact_match,
    false_alarms,
    macro_f1,
    primary_accuracy,
)
from model import Analyzer, Article, InputError


def evaluate_model(folder: Path, data: Path | None, console: Console) -> list[Judged]:
    """Print the report of a model and return the answers it rests on.

    Args:
        folder: a model folder.
        data: JSON Lines with `themes`, or a folder of annotated text; by default the articles
            that the model's training held out.
        console: where to print.

    Raises:
        InputError: the labels do not parse, or no held-out article is at hand.
    """
    analyzer = Analyzer.load(folder)
    articles = _load(analyzer, data, console)
    judged = judge(analyzer, articles)
    names = {theme.key: theme.name for theme in analyzer.manifest.themes}
    console.print(theme_table(judged, names, f"{analyzer.manifest.version}：{len(judged)} 篇"))
    console.print(_rest(judged))
    if data is None:
        console.print("（留出的文章未参加训练，但用于选定阈值；结果会略微偏好。）")
    return judged


def judge(analyzer: Analyzer, articles: Sequence[LabelledArticle]) -> list[Judged]:
    """Tag labelled articles as serving does and lay the answers beside the labels."""
    inputs = (Article.from_raw(a.text, id=a.id, date=a.date) for a in articles)
    return [
        Judged(
            themes=labelled.themes,
            borderline=labelled.borderline,
            primary=labelled.primary,
            said=frozenset(theme.theme for theme in report.themes),
            said_primary=report.primary,
        )
        for labelled, report in zip(articles, analyzer.analyze_many(inputs), strict=True)
    ]


def theme_table(judged: Sequence[Judged], names: dict[str, str], title: str) -> Table:
    """Return precision, recall and F1 of each theme and of all."""
    table = Table(title=title)
    table.add_column("主题")
    for column in ("精确率", "召回率", "F1", "篇数"):
        table.add_column(column, justify="right")
    for key, name in names.items():
        table.add_row(name, *_cells(count_theme(judged, key)))
    table.add_section()
    table.add_row("合计（微平均）", *_cells(count_all(judged, list(names))))
    table.add_row("各主题平均", "", "", f"{macro_f1(judged, list(names)):.3f}", "")
    return table


def _cells(counts: Counts) -> tuple[str, ...]:
    shares = (counts.precision, counts.recall, counts.f1)
    return (*(f"{share:.3f}" for share in shares), str(counts.hits + counts.missed))


def _rest(judged: Sequence[Judged]) -> str:
    wrong, n_plain = false_alarms(judged)
    primary = primary_accuracy(judged)
    return (
        f"无主题文章误报 {wrong}/{n_plain}（{wrong / max(n_plain, 1):.1%}）；"
        f"全对 {exact_match(judged):.1%}；"
        f"主要主题 {'无标注' if primary is None else f'{primary:.1%}'}"
    )


def _load(analyzer: Analyzer, data: Path | None, console: Console) -> list[LabelledArticle]:
    keys = frozenset(theme.key for theme in analyzer.manifest.themes)
    if data is not None:
        if not data.exists():
            raise InputError(f"没有这个文件或文件夹：{data}")
        return read_corpus(data, keys) if data.is_dir() else read_gold(data, keys)
    held_out = frozenset(analyzer.manifest.held_out)
    found = [a for a in load_labelled(read_themes()).articles if a.id in held_out]
    if missing := len(held_out) - len(found):
        console.print(f"注意：{missing} 篇留出的文章不在手边，未计入（见 YIWEN_TEXTS）")
    if not found:
        raise InputError("没有可用的留出文章，请用 --data 给出标注数据")
    return found
