"""The commands `yiwen models`."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model import InputError, ModelError
from serving.registry.version_labels import VersionLabel, label_version, read_version_labels
from serving.registry.versions import CURRENT, PREVIOUS, Registry, Version

models_app = typer.Typer(
    help="模型的版本：列出、查看、登记、启用、退回、核对。",
    invoke_without_command=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(help=f"版本名，或 {CURRENT}、{PREVIOUS}。", metavar="NAME")]
Why = Annotated[str, typer.Option("--why", help="为什么；会记下来。")]
_SHOWN_SWITCHES = 10


@models_app.callback()
def list_models(context: typer.Context) -> None:
    """列出各个版本，哪个正在使用，以及最近的更换。"""
    if not context.invoked_subcommand:
        show_versions()


@models_app.command(name="list")
def show_versions() -> None:
    """列出各个版本，哪个正在使用，以及最近的更换；不写子命令时也是这个。"""
    registry = Registry.at_home()
    names = registry.names
    labels = read_version_labels(registry)
    uses = {names.previous: "上一个", names.current: "正在使用"}
    table = Table("版本", "", "主题", "F1", "说明")
    for version in registry.versions():
        label = labels.get(version.name, VersionLabel())
        called = "\n".join(part for part in (version.name, label.title, label.note) if part)
        row = (called, uses.get(version.name, ""), *_describe(version))
        table.add_row(*map(escape, row))
    out = Console()
    out.print(table)
    for switch in names.switches[-_SHOWN_SWITCHES:]:
        line = f"{switch.at} {switch.before} → {switch.version} {switch.by} {switch.why}"
        out.print(line, highlight=False, markup=False)


def _describe(version: Version) -> tuple[str, str, str]:
    if version.manifest is None:
        return "", "", version.problem
    themes = "、".join(theme.name for theme in version.manifest.themes)
    return themes, version.mean_f1, version.manifest.version


@models_app.command()
def show(name: Name) -> None:
    """显示一个版本的说明卡，和它学过的标注文件。"""
    from training.packaging.label_record import LabelRecord

    folder = Registry.at_home().find(name)
    card = folder / "README.md"
    text = (
        card.read_text(encoding="utf-8", errors="replace") if card.is_file() else "（没有说明卡）"
    )
    out = Console()
    out.print(text, highlight=False, markup=False)
    if record := LabelRecord.beside(folder):
        for file in record.files:
            line = f"标注文件：{file.path}（{file.n_articles} 篇，SHA-256 {file.sha256[:12]}）"
            out.print(line, highlight=False, markup=False)
        for change in record.find_changes():
            out.print(f"注意：标注文件 {change}", highlight=False, markup=False)


@models_app.command()
def add(folder: Annotated[Path, typer.Argument(help="模型文件夹。", metavar="FOLDER")]) -> None:
    """登记一个模型文件夹；登记不等于启用。"""
    print(Registry.at_home().add(folder))


@models_app.command()
def promote(
    name: Name,
    why: Why = "",
    data: Annotated[
        list[Path] | None,
        typer.Option(
            "--data",
            help="用户的标注文件：其中留出的文章也用来评判。不给则用这个版本训练时学的那些。",
        ),
    ] = None,
) -> None:
    """启用一个版本：先与正在使用的模型比较；没有变好时，要用 --why 说明理由才启用。"""
    from serving.registry.judging import judge_version
    from serving.registry.verdicts import verdict_table

    registry = Registry.at_home()
    name = registry.resolve(name)  # what is judged is what is put to use
    registry.verify(name)
    kept = None
    out = Console(stderr=True)
    try:
        verdict = judge_version(registry, name, data or ())
    except InputError as error:
        if not why:
            raise
        out.print(f"未经评判：{error}", highlight=False, markup=False)
    else:
        kept = verdict.to_dict()
        out.print(verdict_table(kept))
        for note in verdict.notes:
            out.print(f"注意：{note}", highlight=False, markup=False)
        if not verdict.accepted and not why:
            reasons = "；".join(verdict.reasons)
            raise InputError(f"没有启用：{reasons}。如仍要启用，请用 --why 说明理由")
    registry.promote(name, why=why, by=getpass.getuser(), verdict=kept)
    out.print(f"已启用 {name}；要退回：yiwen models rollback", highlight=False)


@models_app.command(name="name")
def name_version(
    name: Name,
    title: Annotated[str, typer.Argument(help="叫它什么；空的则去掉。", metavar="TITLE")] = "",
    note: Annotated[str, typer.Option(help="备注。")] = "",
) -> None:
    """给一个版本起名、加备注；版本名本身不变。"""
    label_version(Registry.at_home(), name, title, note)
    Console(stderr=True).print("已记下。")


@models_app.command()
def rollback(why: Why = "") -> None:
    """退回上一个模型。"""
    names = Registry.at_home().roll_back(why=why, by=getpass.getuser())
    Console(stderr=True).print(f"已退回 {names.current}", highlight=False)


@models_app.command()
def verify(
    name: Annotated[str | None, typer.Argument(help="版本名；不给则核对全部。")] = None,
) -> None:
    """逐个文件核对指纹。"""
    registry = Registry.at_home()
    n_bad = 0
    for each in [name] if name else [version.name for version in registry.versions()]:
        try:
            registry.verify(each)
            print(f"{each}：完好")
        except ModelError as error:
            n_bad += 1
            print(f"{each}：{error}")
    if n_bad:
        raise ModelError(f"{n_bad} 个模型不能使用")
