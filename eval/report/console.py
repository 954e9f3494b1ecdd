"""The report on a terminal: tables of measures with their intervals."""

from __future__ import annotations

from math import isnan

from rich.table import Table

from eval.baselines import Aspect
from eval.measuring.bootstrap import Estimate
from eval.measuring.evaluation import Evaluation
from eval.measuring.measures import Measure

_ASPECTS = {
    Aspect.THEMES: ("主题", ("micro.f1", "macro.f1", "false_alarms", "average_precision")),
    Aspect.FIGURES: (
        "数字", ("figures.f1", "figures.precision", "figures.recall", "figures.indicator")
    ),
    Aspect.SUMMARIES: (
        "摘要", ("summary.rouge1", "summary.rouge2", "summary.rougeL", "summary.chars")
    ),
}  # fmt: skip


def measure_table(evaluation: Evaluation) -> Table:
    """Return every measure of the model with its interval."""
    table = Table(title=f"{evaluation.model}：{len(evaluation.golds)} 篇（95% 区间按文章重抽样）")
    table.add_column("指标")
    table.add_column("值", justify="right")
    table.add_column("区间", justify="right")
    for measure in evaluation.measures:
        estimate = evaluation.estimates[measure.key]
        if not isnan(estimate.value):
            table.add_row(measure.name, show_value(measure, estimate.value), _range(estimate))
    return table


def baseline_tables(evaluation: Evaluation) -> list[Table]:
    """Return one table an aspect: the baselines, and the model in the last row."""
    names = {measure.key: measure.name for measure in evaluation.measures}
    tables = []
    for aspect, (title, keys) in _ASPECTS.items():
        table = Table(title=f"{title}：与基线比较（同一批文章）", show_lines=True)
        table.add_column("方法")
        for key in keys:
            table.add_column(names[key].removeprefix(title).strip(), justify="right")
        rows = [(b.system, b.estimates) for b in evaluation.baselines if b.aspect == aspect]
        if not rows:
            continue
        for system, estimates in rows:
            table.add_row(system, *(_cell(estimates[key]) for key in keys))
        own = (_cell(evaluation.estimates[key]) for key in keys)
        table.add_row(f"医闻 {evaluation.model}", *own, style="bold")
        tables.append(table)
    return tables


def show_value(measure: Measure, value: float) -> str:
    """Format a value: lengths with one decimal, shares with three."""
    return f"{value:.1f}" if measure.key.endswith("chars") else f"{value:.3f}"


def _range(estimate: Estimate) -> str:
    digits = 1 if estimate.value > 1 else 3
    return f"{estimate.low:.{digits}f}–{estimate.high:.{digits}f}"


def _cell(estimate: Estimate) -> str:
    if isnan(estimate.value):
        return "—"
    digits = 1 if estimate.value > 1 else 3
    return f"{estimate.value:.{digits}f}\n{_range(estimate)}"
