"""Quality reports: of one model on labelled articles, and of two models side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from data.corpus.loader import load_labelled
from data.gold import GoldArticle, to_gold
from data.labelled import LabelledArticle
from data.labels.answers import read_answers
from data.themes import read_themes
from eval.baselines import Embed
from eval.measuring.evaluation import Evaluation, evaluate, without_known
from eval.report.comparison import change_table, compare_analyzers, comparison_table
from eval.report.console import baseline_tables, measure_table
from eval.report.html_file import write_html
from eval.studies.extract_gains import describe_extracts
from model import Analyzer, InputError

REPORTS = Path("runs") / "eval"


def evaluate_model(
    folder: Path,
    data: Path | None,
    out: Path | None,
    console: Console,
    embed: Embed | None = None,
    *,
    with_baselines: bool = True,
) -> Evaluation:
    """Print the quality report of a model, and write it as HTML and JSON.

    Args:
        folder: a model folder.
        data: what `read_answers` reads; by default the articles that the model's training held
            out.
        out: the HTML file; by default one below `runs/eval`.
        console: where to print.
        embed: vectors for the baselines that need them.
        with_baselines: measure the baselines too.

    Raises:
        InputError: the labels do not parse, or no held-out article is at hand.
    """
    analyzer = Analyzer.load(folder)
    golds, notes = _load_golds(analyzer, data)
    if with_baselines:
        train, own = _load_train(analyzer, golds)
        notes += own
        evaluation = evaluate(analyzer, golds, train, embed)
    else:
        evaluation = evaluate(analyzer, golds)
    for note in notes:
        console.print(note)
    for table in (measure_table(evaluation), *baseline_tables(evaluation)):
        console.print(table)
    for line in describe_extracts(evaluation):
        console.print(line)
    if data is None:
        console.print("（留出的文章未参加训练，但用于选定阈值；结果会略微偏好。）")
    name = f"{evaluation.model}-{data.stem if data else 'held-out'}.html"
    subject = str(data or "训练时留出的文章")
    written = write_html(evaluation, subject, out or REPORTS / name, notes)
    console.print(f"报告：{written[0]}；数据：{written[1]}")
    return evaluation


def compare_models(old: Path, new: Path, data: Path | None, console: Console) -> None:
    """Print two models side by side on the same articles.

    Without `data`, these are the articles that both models' training held out.
    """
    first, second = Analyzer.load(old), Analyzer.load(new)
    golds, notes = _load_golds(second, data)
    for note in notes:
        console.print(note)
    if data is None:
        golds = [gold for gold in golds if gold.id in first.manifest.held_out]
        if not golds:
            raise InputError("两个模型没有共同留出的文章，需要标注数据", code="no_held_out")
    comparison = compare_analyzers(first, second, golds)
    console.print(comparison_table(comparison))
    console.print(change_table(comparison))


def _load_golds(analyzer: Analyzer, data: Path | None) -> tuple[list[GoldArticle], list[str]]:
    """Return the articles to measure on, and notes on what is missing."""
    if data is not None:
        return read_answers(data, analyzer.manifest.theme_names), []
    held_out = frozenset(analyzer.manifest.held_out)
    found = [to_gold(a) for a in load_labelled(read_themes()).articles if a.id in held_out]
    if not found:
        raise InputError("没有可用的留出文章，需要标注数据", code="no_held_out")
    missing = len(held_out) - len(found)
    note = f"注意：{missing} 篇留出的文章不在手边，未计入（见 YIWEN_TEXTS）"
    return found, [note] if missing else []


def _load_train(
    analyzer: Analyzer, golds: Sequence[GoldArticle]
) -> tuple[list[LabelledArticle], list[str]]:
    """Return training articles of the model that are no near-duplicates of the gold, and notes."""
    held_out = frozenset(analyzer.manifest.held_out)
    labelled = load_labelled(read_themes())
    seen = [a for a in labelled.articles if a.id not in held_out]
    train, like = without_known(seen, golds)
    notes = [f"基线在 {len(train)} 篇训练文章上学习"]
    if labelled.n_missing:
        notes.append(
            f"注意：{labelled.n_missing} 篇指针文章不在手边，基线训练未用，基线的分数因此偏低"
            "（见 YIWEN_TEXTS）"
        )
    if like:
        names = "、".join(a.id for a in like[:5])
        notes.append(f"注意：{len(like)} 篇训练文章与评测文章近乎相同（{names}…），基线训练未用")
    return train, notes
