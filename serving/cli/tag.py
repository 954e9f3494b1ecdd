"""The commands `yiwen tag` and `yiwen runs`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, NoReturn

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
from model.summary import (
    DEFAULT_CHARS,
    MAX_CHARS,
    MIN_CHARS,
    PAGE_CHARS,
    PAGE_MIN_CHARS,
    check_budget,
)
from serving.archive.options import TIME_LIMIT_S, Engine
from serving.cli.terminal import EXIT_FAILED_LINES, EXIT_STOPPED, ModelFolder, console, find_model

if TYPE_CHECKING:  # they keep the other commands' start light
    from serving.archive.request import ArchiveRequest
    from serving.archive.run import Outcome
    from serving.archive.run import Progress as RunProgress


_LINE_EVERY_S = 10.0
Inputs = Annotated[
    list[str],
    typer.Argument(
        help="文件、文件夹、通配符，或 - 表示标准输入。可读 txt、md、html、mhtml、eml、docx、"
        "doc、wps、rtf、pdf、csv、xlsx、xls、et、ods、jsonl、parquet，以及装着它们的 zip。",
        metavar="INPUT...",
    ),
]
RewriterFolder = Annotated[
    Path | None,
    typer.Option(
        help="改写摘要的模型：本机上 transformers 的序列到序列模型文件夹。数字、名称不在原文的"
        "改写不采用。不给则不改写。"
    ),
]


def tag(
    inputs: Inputs,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="结果文件；不给则写到标准输出。")
    ] = None,
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
    rewriter: RewriterFolder = None,
    time_limit: Annotated[
        float, typer.Option(help="读一篇或标一篇最多用几秒（长文按字数放宽），超过就搁置。", min=1)
    ] = TIME_LIMIT_S,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="把上次出错、超时而搁置的再做一遍。")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="报告也存入资料库，供 yiwen search、yiwen brief 用。")
    ] = False,
    engine: Annotated[
        Engine, typer.Option(help="local 用本机；ray 用 RAY_ADDRESS 所指的 Ray 集群（另装 Ray）。")
    ] = Engine.LOCAL,
) -> None:
    """标注文章：主题、关键数字、摘要。结果文件旁有账本（.ledger），中断后重新运行即接着做。"""
    from serving.output.writers import check_format

    kind = format or format_of(out)
    check_format(kind, to_file=out is not None)
    if summary_chars is not None:
        check_budget(summary_chars)
    _check_not_input(inputs, out)
    if engine is Engine.RAY and out is None:
        raise InputError("--engine ray 要写到文件，请用 -o 给出文件名")
    if out is None or (out.exists() and not out.is_file()):
        _tag_stream(inputs, out, kind, find_model(model), summary_chars, rewriter, keep=keep)
    else:
        from serving.archive.request import ArchiveRequest

        request = ArchiveRequest(
            tuple(inputs), out, find_model(model), kind, time_limit, summary_chars, rewriter,
            engine, retry_failed,
        )  # fmt: skip
        _tag_archive(request, keep=keep)


def _tag_stream(
    inputs: list[str],
    out: Path | None,
    format: str,
    model: Path,
    summary_chars: int | None,
    rewriter: Path | None,
    *,
    keep: bool,
) -> None:
    """Tag to standard output, or to what is no file: nothing to resume."""
    from data.readers import read_inputs
    from model.manifest import Manifest
    from serving.archive.stream import StreamCounts, analyze_all, write_all
    from serving.archive.task import load_analyzer
    from serving.cli.library import keep_all
    from serving.output.writers import open_writer

    analyzer = load_analyzer(model, summary_chars, rewriter)
    names = Manifest.load(model).theme_names
    counts = StreamCounts()
    with closing(open_writer(format, out, names)) as writer, _progress(None) as progress:
        task = progress.add_task("标注中", total=None, n_failed=0)
        results = analyze_all(read_inputs(inputs), analyzer)
        if keep:
            results = keep_all(results)
        for counts in write_all(results, writer):
            n_done = counts.n_tagged + counts.n_failed
            progress.update(task, completed=n_done, n_failed=counts.n_failed)
    _print_passed_over(inputs)
    _print_counts(counts.n_tagged, counts.n_failed)


def _tag_archive(request: ArchiveRequest, *, keep: bool = False) -> None:
    """Tag to a file with a ledger, with a bar; keep what is finished in the library if asked."""
    try:
        outcome = _run_with_bar(request)
    except KeyboardInterrupt:
        _print_stopped("已中断，存过盘的都在", request.out)
    if keep and outcome.is_finished:
        from serving.cli.library import keep_run

        keep_run(request.out)
    _print_outcome(outcome, request.inputs, request.out)


def _run_with_bar(request: ArchiveRequest) -> Outcome:
    from serving.archive.request import run_request

    print_line = _print_now_and_then()
    with _progress(request.out) as progress:
        task = progress.add_task("标注中", total=None, n_failed=0)

        def show(done: RunProgress) -> None:
            n_all = done.n_expected and max(done.n_expected, done.n_done)
            progress.update(task, completed=done.n_done, n_failed=done.n_failed, total=n_all)
            print_line(done.n_done, n_all, done.n_failed)

        return run_request(request, show)


def _print_now_and_then() -> Callable[[int, int | None, int], None]:
    """Return what prints how far a run is, a line now and then where there is no terminal."""
    printed_at = monotonic()

    def print_line(n_done: int, n_all: int | None, n_failed: int) -> None:
        nonlocal printed_at
        if console.is_terminal or monotonic() - printed_at < _LINE_EVERY_S:
            return
        printed_at = monotonic()
        of_all = f"/{n_all}" if n_all else ""
        console.print(f"已做 {n_done}{of_all} 篇，出错 {n_failed} 篇", highlight=False)

    return print_line


def _print_stopped(what: str, out: Path) -> NoReturn:
    """Print how to go on, and leave with the status of a run that was stopped."""
    hint = f"{what}。接着做：yiwen runs resume {shlex.quote(str(out))}"
    console.print(hint, highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(EXIT_STOPPED)


def _print_outcome(outcome: Outcome, inputs: Iterable[str], out: Path) -> None:
    """Print how a run ended; leave with its status where it was stopped or articles failed."""
    from serving.output.stats import print_overview

    if outcome.restored:
        console.print(f"{outcome.restored}。", highlight=False, markup=False, soft_wrap=True)
    for path in outcome.changed_files:
        console.print(f"{path} 在读取时有改动，下次运行会重读。", highlight=False, markup=False)
    if outcome.overview is None:
        _print_stopped("已停下，做完的都已记下", out)
    print_overview(outcome.overview, console)
    _print_passed_over(inputs)
    counts = outcome.counts
    more = f"，其中转载 {counts.n_reposts} 篇，本次新做 {outcome.n_new} 篇"
    _print_counts(counts.n_tagged, counts.n_failed, more)


def _print_passed_over(inputs: Iterable[str]) -> None:
    """Print how many files below the folders that were given are no inputs at all."""
    from data.readers import STDIN, count_passed_over

    n = 0
    for name in inputs:
        with suppress(OSError):  # the run has said that it cannot be read
            n += count_passed_over(name) if name != STDIN else 0
    if n:
        console.print(
            f"另有 {n} 个文件不是文章，没有读（系统文件、锁文件、没下完的文件、网页自带的附件）。",
            highlight=False,
            soft_wrap=True,
        )


def _print_counts(n_tagged: int, n_failed: int, more: str = "") -> None:
    console.print(f"完成：标注 {n_tagged} 篇，出错 {n_failed} 篇{more}。")
    if n_failed:
        raise typer.Exit(EXIT_FAILED_LINES)


Output = Annotated[Path, typer.Argument(help="结果文件。", metavar="OUT")]
runs_app = typer.Typer(
    help="列出、续做、取消或忘掉标注运行。", invoke_without_command=True, rich_markup_mode=None
)


@runs_app.callback()
def list_runs(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--in", help="结果文件所在的文件夹。")] = Path(),
) -> None:
    """列出文件夹里的运行和各自的篇数。"""
    from data.readers import printable
    from serving.archive.control import STATES
    from serving.archive.control import list_runs as find_runs

    if context.invoked_subcommand:
        return
    found = list(find_runs(folder))
    if not found:
        console.print(
            f"{folder} 里没有标注运行。开始一个：yiwen tag 文件夹 -o reports.jsonl；"
            "别处的用 --in 指明文件夹",
            highlight=False, markup=False, soft_wrap=True,
        )  # fmt: skip
        return
    table = Table("结果文件", "状态", "已标注", "转载", "出错", "开始", "输入或问题")
    for run in found:
        counts = (run.counts.n_tagged, run.counts.n_reposts, run.counts.n_failed)
        row = (
            str(run.out),
            STATES[run.state],
            *map(str, counts),
            run.started,
            run.problem or printable(" ".join(run.inputs)),
        )
        table.add_row(*map(escape, row))
    Console().print(table)


@runs_app.command()
def resume(
    out: Output, retry_failed: Annotated[bool, typer.Option("--retry-failed")] = False
) -> None:
    """接着做没有做完的运行。"""
    from serving.archive.control import recall_note
    from serving.archive.request import ArchiveRequest

    note = recall_note(out)
    request = ArchiveRequest.from_note(note, out.resolve())
    os.chdir(note["folder"])
    _tag_archive(replace(request, retry_failed=retry_failed))


@runs_app.command()
def cancel(out: Output) -> None:
    """停下正在进行的运行（做完手上这一批），记为已取消。"""
    from serving.archive.control import cancel as cancel_run

    cancel_run(out)
    console.print("已取消。")


@runs_app.command()
def forget(out: Output) -> None:
    """删去账本，结果文件不动；再运行就从头做起。"""
    from serving.archive.control import forget as forget_run

    forget_run(out)
    console.print("已忘掉。")


def format_of(out: Path | None) -> str:
    """Return the format that a file's name asks for."""
    return out.suffix.lstrip(".").lower() if out and out.suffix else "jsonl"


def _check_not_input(inputs: list[str], out: Path | None) -> None:
    """Refuse to write over a file that is to be read."""
    from data.readers import STDIN, find_files

    if out is None or not out.exists():
        return
    files = (path for name in inputs if name != STDIN for path, _ in find_files(name))
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
