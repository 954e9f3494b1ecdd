"""The commands `yiwen library`, and what `yiwen tag --keep` puts into the library."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model import InputError
from serving.cli.terminal import console

if TYPE_CHECKING:
    from data.readers import Problem
    from model import Report

library_app = typer.Typer(help="资料库：分析过的文章，供搜索和编日报。", no_args_is_help=True)
Since = Annotated[str, typer.Option("--since", help="从哪天起（2024-05-16）。", metavar="DATE")]
Until = Annotated[str, typer.Option("--until", help="到哪天止。", metavar="DATE")]
Theme = Annotated[str, typer.Option("--theme", help="主题（键，如 alliance）。")]
Place = Annotated[str, typer.Option("--place", help="地区：名称，或行政区划代码的开头。")]
SourceText = Annotated[str, typer.Option("--source", help="来源里有这些字。")]
Number = Annotated[int, typer.Argument(help="文章的编号（yiwen library list 的第一列）。")]


@library_app.command(name="add")
def add(
    reports: Annotated[list[Path], typer.Argument(help="yiwen tag 写出的 jsonl 文件。")],
) -> None:
    """把报告文件存入资料库；存过的不重复。"""
    from serving.home.database import open_store
    from serving.library.articles import keep_records

    store = open_store()
    n_new = sum(keep_records(store, read_reports(path)) for path in reports)
    console.print(f"已存入 {n_new} 篇新文章。", highlight=False)


@library_app.command(name="list")
def list_kept(
    since: Since = "",
    until: Until = "",
    theme: Theme = "",
    place: Place = "",
    source: SourceText = "",
) -> None:
    """列出资料库里的文章，新的在前。"""
    from serving.home.database import open_store
    from serving.library.articles import ArticleFilter, list_articles

    wanted = ArticleFilter(since, until, theme, place, source)
    table = Table("编号", "日期", "标题", "来源", "主题", "地区")
    for found in list_articles(open_store(), wanted):
        row = (str(found.number), found.day, found.title, found.source, " ".join(found.themes))
        table.add_row(*map(escape, (*row, found.place)))
    Console().print(table)


@library_app.command(name="history")
def show_history(number: Number) -> None:
    """一篇文章历次分析的结果。"""
    from serving.home.database import open_store
    from serving.library.articles import read_past
    from serving.output.tables import summary_cell

    for past in read_past(open_store(), number):
        themes = "、".join(theme["name"] for theme in past.record["themes"]) or "（无主题）"
        print(f"{past.at.astimezone():%Y-%m-%d %H:%M}\t{past.model}\t{themes}", end="\t")
        print(f"数字 {len(past.record['figures'])} 条\t{summary_cell(past.record)}")


@library_app.command(name="clear")
def clear(
    sure: Annotated[bool, typer.Option("--yes", help="不再询问。")] = False,
    older: Annotated[
        int | None, typer.Option("--older", help="只清除这么多天以前存入的。", min=1)
    ] = None,
) -> None:
    """清除资料库里的文章；已编的日报、校正过的标注不受影响。"""
    from serving.home.database import open_store
    from serving.library.articles import forget_all, forget_older

    if not sure and not typer.confirm("清除以后不能恢复，确定吗？"):
        raise typer.Exit
    store = open_store()
    if older is not None:
        console.print(f"已清除 {forget_older(store, older)} 篇。", highlight=False)
        return
    forget_all(store)
    console.print("已清空。")


def read_reports(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a file of reports.

    Raises:
        InputError: the file cannot be read, or a line is no JSON.
    """
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _parse(line, path, number)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} 读不出：{getattr(error, 'strerror', None) or error}") from None


def keep_run(out: Path) -> None:
    """Put the reports of a finished archive run into the library."""
    from serving.archive.ledger.beside import lock_ledger
    from serving.home.database import open_store
    from serving.library.articles import keep_records

    with lock_ledger(out) as ledger:
        n_new = keep_records(open_store(), ledger.records())
    console.print(f"资料库新增 {n_new} 篇。", highlight=False)


def keep_all(results: Iterable[Report | Problem]) -> Iterator[Report | Problem]:
    """Pass results through, and put each report into the library."""
    from model import Report
    from serving.home.database import open_store
    from serving.library.articles import keep_records

    store = open_store()
    for result in results:
        if isinstance(result, Report):
            keep_records(store, [result.to_dict()])
        yield result


def _parse(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise InputError(f"{path} 第 {number} 行不是报告；应是 yiwen tag 写出的 jsonl")
    return row
