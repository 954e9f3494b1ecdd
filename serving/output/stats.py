"""What a file of reports says as a whole: counts that a person reads, and themes over time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from data.chinese_fonts import find_chinese_fonts
from data.readers import SCAN_SUFFIXES, SUFFIXES
from model import InputError
from serving.output.tables import place_name

N_SHOWN = 12
UNKNOWN = "未知"
THIS_FOLDER = "本文件夹"
NO_THEME_NAME = "无主题"
_MONTH = len("2023-01")
_PARTICULAR = re.compile(r"\d[\d,.:]*|“[^”]*”")


@dataclass
class Overview:
    """Counts over reports; `by_month` counts articles by month and the name of a theme."""

    n_tagged: int = 0
    n_reposts: int = 0
    n_failed: int = 0
    themes: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    by_month: Counter[tuple[str, str]] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    indicators: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class ReportFilter:
    """Which reports to count: of a theme's name or key, since a day or month, about a place."""

    theme: str = ""
    since: str = ""
    place: str = ""

    def takes(self, report: Mapping[str, Any]) -> bool:
        """Whether a report is one of them; what could not be read counts where nothing is asked."""
        if "error" in report:
            return self == ReportFilter()
        themes = {name for t in report["themes"] for name in (t.get("theme"), t["name"])}
        return (
            (not self.theme or self.theme in (themes or {NO_THEME_NAME}))
            and (not self.since or (report["date"] or "") >= self.since)
            and self.place in place_name(report)
        )


def take_stock(reports: Iterable[Mapping[str, Any]]) -> Overview:
    """Count."""
    overview = Overview()
    for report in reports:
        if "error" in report:
            overview.n_failed += 1
            overview.errors[_PARTICULAR.sub("…", report["error"])] += 1
        else:
            _count(report, overview)
    return overview


def print_overview(overview: Overview, console: Console) -> None:
    """Print the counts as tables."""
    n_tagged, n_reposts = overview.n_tagged, overview.n_reposts
    console.print(f"共标注 {n_tagged} 篇（转载 {n_reposts} 篇），出错 {overview.n_failed} 篇。")
    _print_table("主题", overview.themes.most_common(), console)
    _print_table("月份", sorted(overview.months.items()), console)
    _print_table("来源", overview.sources.most_common(N_SHOWN), console)
    _print_table("指标", overview.indicators.most_common(N_SHOWN), console)
    _print_table("出错原因", overview.errors.most_common(N_SHOWN), console)


def plot_themes(overview: Overview, path: Path) -> None:
    """Draw articles by month, a line for each theme.

    Raises:
        InputError: no report has a date, matplotlib or a Chinese font is missing, or the file
            cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise InputError("画图需要 matplotlib，请先运行 make install") from None
    known = sorted(month for month in overview.months if month != UNKNOWN)
    if not known:
        raise InputError("这些报告都没有日期，画不出随时间的变化")
    months = _all_months(known[0], known[-1])
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots()
    for theme, _ in overview.themes.most_common():
        counts = [overview.by_month[month, theme] for month in months]
        (line,) = axes.plot(range(len(months)), counts, "o-", label=theme, markersize=4)
        if theme == NO_THEME_NAME:
            line.set(color="0.6", linestyle="--", marker="")
    axes.set_title(f"各主题每月篇数（{months[0]} 至 {months[-1]}，共 {overview.n_tagged:,} 篇）")
    axes.set_ylabel("篇数")
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color="0.9")
    step = max(1, -(-len(months) // N_SHOWN))
    axes.set_xticks(range(0, len(months), step), months[::step])
    fonts = label_fonts()
    for text in (axes.title, axes.yaxis.label, *axes.legend().get_texts()):
        text.set_fontfamily(fonts)
    try:
        figure.savefig(path, dpi=150)
    except (OSError, ValueError) as error:
        raise InputError(f"图写不进 {path}：{error}") from None


def _all_months(first: str, last: str) -> list[str]:
    """Return every month from one to another, so that time runs evenly along the axis."""
    numbers = [12 * int(month[:4]) + int(month[5:]) - 1 for month in (first, last)]
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(numbers[0], numbers[1] + 1)]


def label_fonts() -> list[str]:
    """Return the fonts for a plot's labels, the best first.

    Raises:
        InputError: none at hand holds Chinese characters, so that labels would be empty boxes.
    """
    fonts = find_chinese_fonts()
    if not fonts:
        raise InputError("本机没有中文字体，图上的字会是空框；请先安装（如 fonts-wqy-zenhei）")
    return [*fonts, "DejaVu Sans"]


def _count(report: Mapping[str, Any], overview: Overview) -> None:
    overview.n_tagged += 1
    overview.n_reposts += report.get("cluster", report["id"]) != report["id"]
    month = (report["date"] or "")[:_MONTH] or UNKNOWN
    themes = [theme["name"] for theme in report["themes"]] or [NO_THEME_NAME]
    overview.months[month] += 1
    overview.sources[_name_source(report["source"] or "")] += 1
    overview.themes.update(themes)
    overview.by_month.update((month, theme) for theme in themes)
    overview.indicators.update(f["indicator"] for f in report["figures"] if f["indicator"])


def _name_source(source: str) -> str:
    """Return the source's name; that of a file is its folder."""
    path = PurePath(source)
    if path.suffix.lower() in {*SUFFIXES, *SCAN_SUFFIXES}:
        return str(path.parent) if path.parent != PurePath() else THIS_FOLDER
    return source or UNKNOWN


def _print_table(title: str, rows: Iterable[tuple[str, int]], console: Console) -> None:
    table = Table(title, "篇数" if title != "指标" else "次数")
    for name, count in rows:
        table.add_row(escape(name), str(count))
    if table.row_count:
        console.print(table)
