"""The gate's verdict as it is kept, in cells and for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table


def verdict_table(verdict: Mapping[str, Any]) -> Table:
    """Return the measures of a verdict as it is kept, for a terminal."""
    table = Table(title=f"{verdict['old']} → {verdict['new']}：{verdict['n_articles']} 篇留出文章")
    for column in ("指标", "现用", "新", "差", "95% 区间"):
        table.add_column(column, justify="left" if column == "指标" else "right")
    for row in verdict["judged"]:
        table.add_row(*judged_cells(row))
    return table


def judged_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the five cells of one measure."""
    interval = f"{row['low']:+.3f} – {row['high']:+.3f}"
    if row["old"] is None:
        return row["name"], "—", f"{row['new']:.3f}", "新主题", interval.replace("+", "")
    difference = row["new"] - row["old"]
    return row["name"], f"{row['old']:.3f}", f"{row['new']:.3f}", f"{difference:+.3f}", interval
