"""The command `yiwen watch`."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model import InputError
from model.summary import (
    DEFAULT_CHARS,
    MAX_CHARS,
    MIN_CHARS,
    PAGE_CHARS,
    PAGE_MIN_CHARS,
    check_budget,
)
from serving.cli.tag import format_of
from serving.cli.terminal import ModelFolder, console, find_model

if TYPE_CHECKING:  # it keeps the other commands' start light
    from serving.archive.request import ArchiveRequest
    from serving.archive.run import Outcome

_RETRY_EVERY_S = 10.0


def watch(
    folder: Annotated[Path, typer.Argument(help="要盯着的文件夹，连同其中的文件夹。")],
    out: Annotated[Path, typer.Option("-o", "--out", help="结果文件，新结果接在后面。")],
    format: Annotated[
        str | None, typer.Option(help="jsonl、csv、xlsx 或 parquet；默认按 -o 的扩展名。")
    ] = None,
    model: ModelFolder = None,
    summary_chars: Annotated[
        int | None,
        typer.Option(
            help=f"摘要最多多少字，{MIN_CHARS} 到 {MAX_CHARS}；默认 {DEFAULT_CHARS}，"
            f"超过 {PAGE_MIN_CHARS:,} 字的长文 {PAGE_CHARS}。",
            show_default=False,
        ),
    ] = None,
    every: Annotated[float, typer.Option(help="几秒看一次。", min=0.1)] = 5.0,
) -> None:
    """盯着一个文件夹：新来的文件随到随读，接在结果后面；移走的文件，结果仍在。按 Ctrl-C 停下。"""
    from serving.archive.request import ArchiveRequest
    from serving.output.writers import check_format

    if not folder.is_dir():
        raise InputError(f"没有文件夹 {folder}")
    kind = format or format_of(out)
    check_format(kind, to_file=True)
    if summary_chars is not None:
        check_budget(summary_chars)
    request = ArchiveRequest(
        (str(folder),), out, find_model(model), kind, summary_chars=summary_chars, appends=True
    )
    console.print(f"正在盯着 {folder}，结果写到 {out}（按 Ctrl-C 停下）", highlight=False)
    with suppress(KeyboardInterrupt):
        _read_as_they_come(folder, request, every)
    console.print("已停下，做完的都已记下；再运行同一命令即接着盯。", highlight=False)


def _read_as_they_come(folder: Path, request: ArchiveRequest, every_s: float) -> None:
    """Read what comes until the run is stopped."""
    from serving.archive.watching import watch_folder

    for _ in watch_folder(folder, request.out, every_s):
        outcome = _read_new(request, every_s)
        if not outcome.is_finished:
            return
        counts = outcome.counts
        n_failed = f"，出错 {counts.n_failed} 篇" if counts.n_failed else ""
        console.print(
            f"新做 {outcome.n_new} 篇，共标注 {counts.n_tagged} 篇{n_failed}。", highlight=False
        )


def _read_new(request: ArchiveRequest, every_s: float) -> Outcome:
    """Do a run; where another program holds the output, as Excel does on Windows, try again."""
    from serving.archive.request import run_request

    while True:
        try:
            return run_request(request, lambda _: None)
        except PermissionError as error:
            console.print(
                f"{error.filename or request.out} 写不进去，多半正由别的程序打开；"
                "关掉后会接着写。",
                highlight=False, markup=False,
            )  # fmt: skip
            time.sleep(max(every_s, _RETRY_EVERY_S))
