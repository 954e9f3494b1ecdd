"""The commands `yiwen backup` and `yiwen restore`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from serving.cli.terminal import console

BackupFile = Annotated[Path, typer.Argument(help="备份文件（zip）。", metavar="FILE")]


def backup(
    file: BackupFile,
    force: Annotated[bool, typer.Option("--force", help="文件已经在也写，换掉它。")] = False,
) -> None:
    """备份：库、批量任务、训练、模型，存成一个文件；网页开着、任务在做时也可以。"""
    from serving.home.backup import back_up

    with _progress("备份中") as show:
        made = back_up(file, show, is_forced=force)
    _print_other_store()
    for name in made.left_out:
        console.print(f"没有备份 {name}：文件名不规范。", highlight=False, markup=False)
    console.print(
        f"已备份 {made.n_files} 个文件，共 {made.n_bytes / 1e6:.1f} MB：{file}",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip


def restore(file: BackupFile) -> None:
    """恢复备份：先逐个核对，再换上；原来的移到旁边（.bak-…），不会丢。"""
    from serving.home.restore import restore as restore_home

    with _progress("恢复中") as show:
        restored = restore_home(file, show)
    kept = f"；原来的在 {restored.kept}，确认无误后可以删去" if restored.kept else ""
    manifest = restored.manifest
    of_when = f"{manifest.made_at} 在 {manifest.host} 上的备份"
    console.print(
        f"已恢复 {len(manifest.files)} 个文件（{of_when}）{kept}。",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip
    _print_other_store()


def _print_other_store() -> None:
    from serving.home.database import DATABASE_VARIABLE

    if os.environ.get(DATABASE_VARIABLE):
        console.print(
            f"注意：{DATABASE_VARIABLE} 指定的库不在备份里，请另行备份。", highlight=False
        )


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal; yields what takes the bytes that are done and that there are."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal,
        transient=True,
    ) as progress:  # fmt: skip
        task = progress.add_task(what, total=None)
        yield lambda n_done, n_all: progress.update(task, completed=n_done, total=n_all)
