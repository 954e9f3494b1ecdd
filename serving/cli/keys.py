"""The commands `yiwen keys`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from serving.cli.terminal import console

keys_app = typer.Typer(
    help="HTTP 服务的密钥：有了密钥，调用就要带上；撤销的立即失效。", no_args_is_help=True
)
KeyName = Annotated[str, typer.Argument(help="给谁用的。", metavar="NAME")]
_STATES = {"valid": "有效", "expired": "过期", "revoked": "已撤销"}


@keys_app.command()
def add(
    name: KeyName,
    scope: Annotated[
        str, typer.Option(help="权限，逗号隔开：read 读取、analyse 分析、correct 校正。")
    ] = "read,analyse",
    limit: Annotated[str, typer.Option(help="最多多少次，如 60/min、10/s。")] = "600/min",
    days: Annotated[
        int | None, typer.Option(help="多少天后过期；不给则不过期。", min=1, max=36_500)
    ] = None,
) -> None:
    """添加密钥；只显示这一次，库里只存它的指纹。"""
    from model import InputError
    from serving.home.database import open_store
    from serving.home.keys import Scope, add_key

    try:
        scopes = frozenset(Scope(part.strip()) for part in scope.split(",") if part.strip())
    except ValueError:
        raise InputError(f"没有“{scope}”这样的权限；可用 {'、'.join(Scope)}") from None
    print(add_key(open_store(), name, scopes, limit, days))
    console.print("请收好：密钥只显示这一次。", highlight=False)


@keys_app.command(name="list")
def show_keys() -> None:
    """列出密钥（不含密钥本身）。"""
    from serving.home.database import open_store
    from serving.home.keys import list_keys

    table = Table("名字", "编号", "权限", "限额", "添加", "到期", "状态")
    for key in list_keys(open_store()):
        rate = f"{key.limit.most}/{key.limit.within_s:.0f}s"
        expires = f"{key.expires_at:%Y-%m-%d}" if key.expires_at else ""
        row = (
            key.name, key.id, ",".join(sorted(key.scopes)), rate, f"{key.added_at:%Y-%m-%d}",
            expires, _STATES[key.state],
        )  # fmt: skip
        table.add_row(*map(escape, row))
    Console().print(table)


@keys_app.command()
def revoke(name: KeyName) -> None:
    """撤销一个名字的密钥，立即失效。"""
    from serving.home.database import open_store
    from serving.home.keys import revoke_key

    revoke_key(open_store(), name)
    console.print(f"已撤销：{escape(name)}", highlight=False)


@keys_app.command()
def log(
    name: Annotated[str | None, typer.Option("--name", help="只看这个名字的。")] = None,
    lines: Annotated[int, typer.Option("-n", "--lines", help="最多多少行。", min=1)] = 50,
) -> None:
    """谁在什么时候调用了什么、结果如何；不含文章内容。"""
    from serving.home.audit import read_audit
    from serving.home.database import open_store

    for line in reversed(read_audit(open_store(), name, lines)):
        print(
            f"{line.at:%Y-%m-%d %H:%M:%S}", line.name or "-", line.key_id or "-", line.address,
            line.action, line.status, line.n_bytes, f"{line.took_ms}ms", line.subject, sep="\t",
        )  # fmt: skip
