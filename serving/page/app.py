"""The web page as a whole: its tabs, and the server that shows it."""

from __future__ import annotations

import atexit
import os
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import gradio as gr
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from serving.gateway.addresses import THIS_MACHINE, is_this_machine
from serving.gateway.server import open_socket, serve
from serving.home.database import open_store
from serving.home.scratch import sweep_from_now_on
from serving.page.atlas.tab import build_atlas_tab
from serving.page.batch.tab import build_batch
from serving.page.correct.tab import build_correct
from serving.page.desk.tab import build_desk
from serving.page.event_streams import EventStreams
from serving.page.guard.page_server import guard_page
from serving.page.guard.user_sessions import UserSessions
from serving.page.hosting import (
    MAX_FILE_BYTES,
    MAX_WAITING,
    ForwardedPrefix,
    RequestLimits,
    check_host,
    check_root_path,
)
from serving.page.language import LanguageSwitch
from serving.page.models.tab import build_models
from serving.page.models.training_tab import build_train
from serving.page.phrases import phrase
from serving.page.single.tab import build_single
from serving.page.templates import render
from serving.page.wording import say, wording
from serving.page.workplace import Workplace
from serving.registry.in_use import ModelInUse

FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")
_PAGE = Path(__file__).parent
_TABS_STYLES = (
    "single/tab.css", "batch/tab.css", "correct/tab.css", "desk/tab.css", "atlas/tab.css",
)  # fmt: skip
_STYLE_FILES = [_PAGE / name for name in ("page.css", *_TABS_STYLES)]
_SCRIPT_FILES = [_PAGE / name for name in ("page.js", "single/tab.js")]
KEEP_FILES_S = 24 * 3600
# Messages that gradio gives in English whatever the language, and the phrases in their place.
_GRADIO_MESSAGES = {
    "This application is currently busy": "page.busy",
    "Connection errored out": "page.lost",
    "Connection to the server was lost": "page.lost",
    "Connection Lost": "page.no_connection",
    "Could not": "page.lost",
    "Error": "page.not_done",
}


def build_page(place: Workplace, *, is_hosted: bool = False) -> gr.Blocks:
    """Build the page, one tab after another."""
    page: gr.Blocks
    with gr.Blocks(
        title=phrase("page.title", "zh"),
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(KEEP_FILES_S, KEEP_FILES_S),
    ) as page:
        header = render("header.html.j2", is_hosted=is_hosted, messages=_GRADIO_MESSAGES)
        gr.HTML(header, apply_default_css=False)
        with gr.Tab(say("page.single"), id="single"):
            build_single(place)
        with gr.Tab(say("page.correct"), id="correct", elem_id="tab-correct"):
            build_correct(place)
        with gr.Tab(say("page.batch"), id="batch"):
            build_batch(place)
        with gr.Tab(say("page.desk"), id="desk", elem_id="tab-desk") as desk:
            build_desk(place, desk)
        with gr.Tab(say("page.atlas"), id="atlas", elem_id="tab-atlas") as atlas:
            build_atlas_tab(place, atlas)
        with gr.Tab(say("page.train"), id="train") as train:
            build_train(place, train)
        with gr.Tab(say("page.models"), id="models") as models:
            build_models(place, models)
    page.queue(max_size=MAX_WAITING)
    return page


def launch(
    in_use: ModelInUse,
    port: int,
    host: str = THIS_MACHINE,
    root_path: str = "",
    *,
    login: bool = True,
    hosts: Sequence[str] = (),
) -> None:
    """Open the page and stay until the user stops the program.

    Args:
        in_use: the model.
        port: the port that the page listens on.
        host: the address that it listens on.
        root_path: the path below which a proxy serves it, such as `/yiwen`.
        login: whether users, where there are any, must log in.
        hosts: host names of a page without login, besides `host` and those of this machine.

    Raises:
        InputError: other machines reach `host` and nobody need log in, `root_path` is no path, or
            the port is in use.
    """
    store = open_store()
    check_host(host, store, login=login)
    root_path = check_root_path(root_path)
    opened = open_socket(host, port)
    sessions = UserSessions(store, login=login)
    app = make_app(in_use, sessions, host, root_path, hosts=hosts)
    is_hosted = _is_hosted(host, sessions)
    serve(app, opened, lambda: None if is_hosted else _open_browser(host, port))


def make_app(
    in_use: ModelInUse,
    sessions: UserSessions,
    host: str = THIS_MACHINE,
    root_path: str = "",
    *,
    hosts: Sequence[str] = (),
) -> ASGIApp:
    """Return the page behind its guard, for a server; arguments are those of `launch`."""
    scratch = _make_scratch()
    place = Workplace(in_use, sessions.store, scratch)
    place.analyses.warm()
    return guard_page(
        build_page(place, is_hosted=_is_hosted(host, sessions)),
        sessions,
        (host, *hosts),
        root_path=root_path or os.environ.get("GRADIO_ROOT_PATH") or None,
        max_file_size=MAX_FILE_BYTES,
        app_kwargs={
            "middleware": [
                Middleware(RequestLimits),
                Middleware(ForwardedPrefix),
                Middleware(LanguageSwitch),
                Middleware(EventStreams),
            ],
            "openapi_url": None,
        },
        css_paths=_STYLE_FILES,
        head="".join(
            f"<script>{path.read_text(encoding='utf-8')}</script>" for path in _SCRIPT_FILES
        ),
        theme=gr.themes.Default(font=FONTS, font_mono=("ui-monospace", "Consolas", "monospace")),
        i18n=wording(),
    )


def _is_hosted(host: str, sessions: UserSessions) -> bool:
    return not is_this_machine(host) or sessions.demands_login()


def _make_scratch() -> Path:
    """Make the folder for what the page holds while it is open; it goes at the end."""
    scratch = Path(mkdtemp(prefix="yiwen-"))
    atexit.register(rmtree, scratch, ignore_errors=True)
    sweep_from_now_on(scratch)
    # Gradio serves any file of its folder; a folder of its own keeps those of others private.
    os.environ["GRADIO_TEMP_DIR"] = str(scratch / "page")
    return scratch


def _open_browser(host: str, port: int) -> None:
    if _has_screen():
        webbrowser.open(f"http://{host}:{port}")


def _has_screen() -> bool:
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY"))
