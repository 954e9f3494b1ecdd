"""The command `yiwen serve`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serving.cli.terminal import ModelFolder, console

if TYPE_CHECKING:  # they keep the other commands' start light
    from sqlalchemy import Engine
    from starlette.types import ASGIApp


def serve(
    port: Annotated[int, typer.Option(help="端口。")] = 7861,
    host: Annotated[
        str, typer.Option(help="地址。别的机器能访问的地址要先用 yiwen keys add 设密钥。")
    ] = "127.0.0.1",
    model: ModelFolder = None,
    keys: Annotated[
        bool, typer.Option("--keys/--no-keys", help="设了密钥时，本机的调用也要带上。")
    ] = True,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="不用密钥的服务另外允许的主机名，可多个。", metavar="NAME"),
    ] = None,
    workers: Annotated[
        int, typer.Option(help="分析的进程数，每个约 150 MB；0 为每个核一个。", min=0, max=64)
    ] = 0,
    queue: Annotated[int, typer.Option(help="最多多少篇排队，再多的答 429。", min=1, max=200)] = 64,
    memory_mb: Annotated[
        int, typer.Option(help="一个分析进程最多用多少内存（MB）。", min=512)
    ] = 2048,
    time_limit: Annotated[
        float, typer.Option(help="分析一篇最多几秒（长文按字数放宽）。", min=1, max=60)
    ] = 8.0,
    grace: Annotated[
        int, typer.Option(help="要求退出后，最多等正在处理的请求几秒。", min=0, max=600)
    ] = 30,
    page: Annotated[
        bool, typer.Option("--page", help="同一地址上也打开网页界面（登录仍按 yiwen users）。")
    ] = False,
) -> None:
    """打开 HTTP 服务，供别的程序调用；说明在 /docs。"""
    from serving.http.launch import ServeSettings, launch

    settings = ServeSettings(
        host,
        port,
        model,
        keys,
        tuple(allow_host or ()),
        workers,
        queue,
        memory_mb,
        time_limit,
        grace,
    )
    console.print(f"服务：http://{host}:{port}/docs（按 Ctrl-C 退出）", highlight=False)
    launch(settings, _page_maker(model, host, allow_host or []) if page else None)


def _page_maker(model: Path | None, host: str, hosts: list[str]) -> Callable[[Engine], ASGIApp]:
    """Return what makes the page of a store; others reach it only with users."""
    from serving.page.app import make_app
    from serving.page.guard.user_sessions import UserSessions
    from serving.page.hosting import check_host
    from serving.registry.in_use import ModelInUse
    from serving.registry.versions import Registry

    def make(store: Engine) -> ASGIApp:
        check_host(host, store)
        in_use = ModelInUse(Registry.at_home(), model)
        return make_app(in_use, UserSessions(store), host, hosts=hosts)

    return make
