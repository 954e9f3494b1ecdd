"""The commands `yiwen users`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.markup import escape

from serving.cli.terminal import console

users_app = typer.Typer(
    help="页面的用户：设了用户，打开页面就要登录。", no_args_is_help=True, rich_markup_mode=None
)
UserName = Annotated[str, typer.Argument(help="名字。", metavar="NAME")]


@users_app.command(name="add")
def add_page_user(name: UserName) -> None:
    """添加用户，或给已有的用户换密码；密码从键盘（或标准输入）读入。"""
    from serving.home.database import open_store
    from serving.home.users import add_user

    if sys.stdin.isatty():
        password = typer.prompt("密码", hide_input=True, confirmation_prompt="再输一遍")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    is_new = add_user(open_store(), name, password)
    console.print(f"{'已添加' if is_new else '已换密码'}：{escape(name)}", highlight=False)


@users_app.command(name="remove")
def remove_page_user(name: UserName) -> None:
    """删除用户；已登录的立即失效。"""
    from serving.home.database import open_store
    from serving.home.users import remove_user

    remove_user(open_store(), name)
    console.print(f"已删除：{escape(name)}", highlight=False)


@users_app.command(name="list")
def list_page_users() -> None:
    """列出用户。"""
    from serving.home.database import open_store
    from serving.home.users import list_users

    users = list_users(open_store())
    if not users:
        console.print(
            "还没有用户：本机打开页面不用登录。要加用户：yiwen users add 名字", highlight=False
        )
    for user in users:
        print(user.name, f"{user.added_at:%Y-%m-%d}", sep="\t")
