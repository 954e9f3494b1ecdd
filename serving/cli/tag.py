"""The commands `yiwen tag` and `yiwen runs`."""

from __future__ import annotations

import os
import shlex
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from model import InputError
from model.summary import DEFAULT_CHARS, MAX_CHARS, MIN_CHARS, check_budget
from serving.archive.worker import TIME_LIMIT_S
from serving.cli.terminal import EXIT_FAILED_LINES, EXIT_STOPPED, ModelFolder, console, find_model

if TYPE_CHECKING:  # they keep the other commands' start light
    from serving.archive.run import Outcome
    from serving.archive.task import Job


class Engine(StrEnum):
    """Where an archive is read."""

    LOCAL = "local"
    RAY = "ray"


def tag(
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="文件、文件夹、通配符，或 - 表示标准输入。可读 txt、md、html、docx、pdf、csv、"
            "xlsx、jsonl、parquet，以及装着它们的 zip。",
            metavar="INPUT...",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="结果文件；不给则写到标准输出。")
    ] = None,
    format: Annotated[
        str | None, typer.Option(help="jsonl、csv、xlsx 或 parquet；默认按 -o 的扩展名。")
    ] = None,
    model: ModelFolder = None,
    summary_chars: Annotated[
        int, typer.Option(help=f"摘要最多多少字，{MIN_CHARS} 到 {MAX_CHARS}。")
    ] = DEFAULT_CHARS,
    rewriter: Annotated[
        Path | None,
        typer.Option(
            help="改写摘要的模型：本机上 transformers 的序列到序列模型文件夹。数字、名称不在原文的"
            "改写不采用。不给则不改写。"
        ),
    ] = None,
    time_limit: Annotated[
        float, typer.Option(help="读一篇或标一篇最多用几秒（长文按字数放宽），超过就搁置。", min=1)
    ] = TIME_LIMIT_S,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="把上次出错、超时而搁置的再做一遍。")
    ] = False,
    engine: Annotated[
        Engine, typer.Option(help="local 用本机；ray 用 RAY_ADDRESS 所指的 Ray 集群（另装 Ray）。")
    ] = Engine.LOCAL,
) -> None:
    """标注文章：主题、关键数字、摘要。结果文件旁有账本（.ledger），中断后重新运行即接着做。"""
    from serving.output.writers import check_format

    kind = format or _format_of(out)
    check_format(kind, to_file=out is not None)
    check_budget(summary_chars)
    _check_not_input(inputs, out)
    if engine is Engine.RAY and out is None:
        raise InputError("--engine ray 要写到文件，请用 -o 给出文件名")
    if out is None or (out.exists() and not out.is_file()):
        _tag_stream(inputs, out, kind, find_model(model), summary_chars, rewriter)
    else:
        _tag_archive(
            tuple(inputs), out, kind, find_model(model), time_limit, summary_chars, rewriter,
            engine, retry_failed=retry_failed,
        )  # fmt: skip


def _tag_stream(
    inputs: list[str],
    out: Path | None,
    format: str,
    model: Path,
    summary_chars: int,
    rewriter: Path | None,
) -> None:
    """Tag to standard output, or to what is no file: nothing to resume."""
    from data.readers import read_inputs
    from model.manifest import Manifest
    from serving.archive.tagging import Tally, write_all
    from serving.archive.tagging import tag as tag_items
    from serving.archive.task import load_analyses
    from serving.output.writers import open_writer

    analyses = load_analyses(model, summary_chars, rewriter)
    names = {theme.key: theme.name for theme in Manifest.load(model).themes}
    tally = Tally()
    with closing(open_writer(format, out, names)) as writer, _progress(None) as progress:
        task = progress.add_task("标注中", total=None, n_failed=0)
        results = tag_items(read_inputs(inputs), analyses)
        for tally in write_all(results, writer):
            n_done = tally.n_tagged + tally.n_failed
            progress.update(task, completed=n_done, n_failed=tally.n_failed)
    _say_done(tally.n_tagged, tally.n_failed)


def _tag_archive(
    inputs: tuple[str, ...],
    out: Path,
    format: str,
    model: Path,
    time_limit: float,
    summary_chars: int,
    rewriter: Path | None,
    engine: Engine,
    *,
    retry_failed: bool = False,
) -> None:
    """Tag to a file with a ledger."""
    from serving.archive.task import make_job

    job = make_job(
        inputs, out, format, model, summary_chars, rewriter,
        limit_s=time_limit, retry_failed=retry_failed,
        streams=1 if engine is Engine.RAY else 0,  # each of its workers has a core
    )  # fmt: skip
    if engine is Engine.RAY:
        from serving.archive.ray_reading import connect, open_ray_reading

        connect()
        job = replace(job, open_reading=open_ray_reading)
    note = _make_note(job, model, summary_chars, rewriter, engine)
    _tell_outcome(_run_job(job, note), out)


def _make_note(
    job: Job, model: Path, summary_chars: int, rewriter: Path | None, engine: Engine
) -> dict[str, Any]:
    """Return what `yiwen runs` tells of a run and resumes it by."""
    return {
        "inputs": job.inputs, "folder": str(Path.cwd()), "format": job.format,
        "limit_s": job.limit_s, "summary_chars": summary_chars,
        "rewriter": rewriter and str(rewriter.resolve()), "engine": engine.value,
        "model": str(model.resolve()), "started": datetime.now().isoformat(" ", "seconds"),
    }  # fmt: skip


def _run_job(job: Job, note: dict[str, Any]) -> Outcome:
    """Do a job with a bar."""
    from serving.archive.run import run

    with _progress(job.out) as progress:
        task = progress.add_task("标注中", total=None, n_failed=0)
        return run(
            job,
            lambda p: progress.update(
                task, completed=p.n_done, n_failed=p.n_failed,
                total=p.n_expected and max(p.n_expected, p.n_done),
            ),
            note,
        )  # fmt: skip


def _tell_outcome(outcome: Outcome, out: Path) -> None:
    """Print how a run ended; leave with its status where it was stopped or articles failed."""
    from serving.output.stats import print_overview

    for path in outcome.changed_files:
        console.print(f"{path} 在读取时有改动，下次运行会重读。", highlight=False, markup=False)
    if outcome.overview is None:
        hint = f"已停下，做完的都已记下。接着做：yiwen runs resume {shlex.quote(str(out))}"
        console.print(hint, highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(EXIT_STOPPED)
    print_overview(outcome.overview, console)
    counts = outcome.counts
    more = f"，其中转载 {counts.n_reposts} 篇，本次新做 {outcome.n_new} 篇"
    _say_done(counts.n_tagged, counts.n_failed, more)


def _say_done(n_tagged: int, n_failed: int, more: str = "") -> None:
    console.print(f"完成：标注 {n_tagged} 篇，出错 {n_failed} 篇{more}。")
    if n_failed:
        raise typer.Exit(EXIT_FAILED_LINES)


Output = Annotated[Path, typer.Argument(help="结果文件。", metavar="OUT")]
runs_app = typer.Typer(help="列出、续做、取消或忘掉标注运行。", invoke_without_command=True)


@runs_app.callback()
def list_runs(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--in", help="结果文件所在的文件夹。")] = Path(),
) -> None:
    """列出文件夹里的运行和各自的篇数。"""
    from data.readers import printable
    from serving.archive.runs import STATES
    from serving.archive.runs import list_runs as find_runs

    if context.invoked_subcommand:
        return
    table = Table("结果文件", "状态", "已标注", "转载", "出错", "开始", "输入")
    for run in find_runs(folder):
        counts = (run.counts.n_tagged, run.counts.n_reposts, run.counts.n_failed)
        row = (
            str(run.out),
            STATES[run.state],
            *map(str, counts),
            run.started,
            printable(" ".join(run.inputs)),
        )
        table.add_row(*map(escape, row))
    Console().print(table)


@runs_app.command()
def resume(
    out: Output, retry_failed: Annotated[bool, typer.Option("--retry-failed")] = False
) -> None:
    """接着做没有做完的运行。"""
    from data.readers import STDIN
    from serving.archive.runs import recall_arguments

    note = recall_arguments(out)
    if STDIN in note["inputs"]:
        raise InputError("这次运行读的是标准输入，请重新运行原来的命令；做过的不会重做")
    out = out.resolve()
    os.chdir(note["folder"])
    _tag_archive(
        tuple(note["inputs"]), out, note["format"], Path(note["model"]), note["limit_s"],
        note["summary_chars"], Path(note["rewriter"]) if note.get("rewriter") else None,
        Engine(note.get("engine", Engine.LOCAL)),
        retry_failed=retry_failed,
    )  # fmt: skip


@runs_app.command()
def cancel(out: Output) -> None:
    """停下正在进行的运行（做完手上这一批），记为已取消。"""
    from serving.archive.runs import cancel as cancel_run

    cancel_run(out)
    console.print("已取消。")


@runs_app.command()
def forget(out: Output) -> None:
    """删去账本，结果文件不动；再运行就从头做起。"""
    from serving.archive.runs import forget as forget_run

    forget_run(out)
    console.print("已忘掉。")


def _format_of(out: Path | None) -> str:
    return out.suffix.lstrip(".").lower() if out and out.suffix else "jsonl"


def _check_not_input(inputs: list[str], out: Path | None) -> None:
    """Refuse to write over a file that is to be read."""
    from data.readers import STDIN, find_files

    if out is None or not out.exists():
        return
    files = (path for given in inputs if given != STDIN for path, _ in find_files(given))
    if any(path.resolve() == out.resolve() for path in files):
        raise InputError(f"结果文件 {out} 也是输入，会被覆盖；请换一个文件名")


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Show articles a second."""
        return Text(f"{task.speed:.1f} 篇/秒" if task.speed else "")


def _progress(out: Path | None) -> Progress:
    """A bar on a terminal; with time left where the number of articles is known."""
    left = (BarColumn(), TimeRemainingColumn()) if out else ()
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), *left, MofNCompleteColumn(),
        _RateColumn(), TextColumn("出错 {task.fields[n_failed]} 篇"),
        TimeElapsedColumn(), console=console, disable=not console.is_terminal, transient=True,
        speed_estimate_period=300,
    )  # fmt: skip
