"""The command `yiwen brief`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model import InputError
from serving.cli.library import read_reports
from serving.cli.terminal import EXIT_FAILED_LINES, ModelFolder, console, find_model

if TYPE_CHECKING:
    from sqlalchemy import Engine

LIBRARY = "library"
_SHOWN_FAULTS = 50


def brief(
    source: Annotated[
        str | None,
        typer.Argument(
            help="library（资料库），或 yiwen tag 写出的 jsonl 文件；--id 时不用给。",
            metavar="LIBRARY|REPORTS",
        ),
    ] = None,
    day: Annotated[str, typer.Option("--date", help="哪天的，如 2024-05-16；默认今天。")] = "",
    days: Annotated[
        int | None, typer.Option(help="往前几天（周报 7，月报 30）；默认按种类。", min=1)
    ] = None,
    kind: Annotated[
        str, typer.Option(help="daily 日报、weekly 周报、monthly 月报、special 专题。")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="docx、md、html 或 txt 文件。")
    ] = None,
    title: Annotated[str, typer.Option(help="标题。")] = "",
    template: Annotated[
        Path | None, typer.Option(help="自己的 Word 模板（docx），写法见 docs/brief.md。")
    ] = None,
    limit: Annotated[int, typer.Option("--max", help="最多几条。", min=1)] = 30,
    every: Annotated[bool, typer.Option("--all", help="没有主题的文章也列入。")] = False,
    number: Annotated[
        int | None, typer.Option("--id", help="写出编过的一份（网页“今日”里的编号）。")
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option("--check", help="查一份写好的日报：每句话、每个数字是否都在原文里。"),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="导出编辑时的取舍，供以后学习（jsonl）。")
    ] = None,
    model: ModelFolder = None,
) -> None:
    """编日报、周报、月报、专题：一个事件一条，每句话、每个数字都有出处。"""
    from model.manifest import Manifest
    from serving.brief.making import write_file
    from serving.brief.store import read_brief
    from serving.home.database import open_store

    store = open_store()
    if check is not None:
        _check(store, check, source)
        return
    if labels is not None:
        _export(store, labels)
        return
    if out is None:
        raise InputError("请用 -o 给出文件名，如 -o 日报.docx")
    if number is None:
        number = _make(store, source, (kind, day, days, title), limit, every=every)
    made = read_brief(store, number).brief
    write_file(made, Manifest.load(find_model(model)).theme_names, out, template)
    console.print(
        f"{out}：{len(made.entries)} 条，据 {len(made.sources)} 篇报道；编号 {number}，"
        "可在网页“今日”里接着改。",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip


def _make(
    store: Engine,
    source: str | None,
    wanted: tuple[str, str, int | None, str],
    limit: int,
    *,
    every: bool,
) -> int:
    """Propose a brief and keep it in the store; return its number."""
    from serving.brief.entries import DAYS
    from serving.brief.making import choose_records, collect, new_brief, propose
    from serving.brief.store import start_brief
    from serving.library.articles import keep_records

    kind, day, days, title = wanted
    kind = kind or next((k for k, n in DAYS.items() if n == days), "daily")
    empty = new_brief(kind, day or date.today().isoformat(), days or DAYS.get(kind, 1), title)
    if source is None:
        raise InputError("请给出 library 或报告文件（jsonl）")
    if source == LIBRARY:
        articles = collect(store, empty)
    else:
        keep_records(store, read_reports(Path(source)))
        articles = choose_records(read_reports(Path(source)), empty)
    made = propose(empty, articles, limit, every=every)
    if not made.entries:
        console.print(
            f"{empty.date} 的 {len(articles)} 篇文章都没有主题，没有列入；要列入请加 --all。",
            highlight=False,
        )
    return start_brief(store, empty, made.entries).id


def _check(store: Engine, path: Path, source: str | None) -> None:
    from serving.brief.check import check_file
    from serving.brief.making import article_finder

    records = () if source in (None, LIBRARY) else read_reports(Path(str(source)))
    checked = check_file(path, article_finder(store, records))
    for fault in checked.faults[:_SHOWN_FAULTS]:
        print(fault)
    console.print(
        f"查了 {checked.n_quotations} 处引文、{checked.n_numbers} 个数字，人工 {checked.n_manual} "
        f"处，不符 {len(checked.faults)} 处。",
        highlight=False,
    )
    if checked.faults:
        raise typer.Exit(EXIT_FAILED_LINES)


def _export(store: Engine, out: Path) -> None:
    from serving.brief.labels import export_edits

    lines = [json.dumps(row, ensure_ascii=False) for row in export_edits(store)]
    out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    console.print(f"已导出 {len(lines)} 条取舍：{out}", highlight=False, markup=False)
