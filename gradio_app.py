"""The web page: builds the interface, nothing else."""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # gradio reads it when imported

import gradio as gr

from serving.database import open_store
from serving.in_use import ModelInUse
from serving.page import STYLE_FILE
from serving.tabs.single import build_single
from serving.tabs.wording import say, wording
from serving.tabs.workplace import Workplace

HOST = "127.0.0.1"
FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")
KEEP_FILES_S = 24 * 3600
HEADER = (
    "<div class='yw-head'><h1>医闻 Yiwen</h1>"
    "<p>读医疗卫生新闻：标主题、取数字、写摘要。文字只在本机处理。</p></div>"
)


def build_page(place: Workplace) -> gr.Blocks:
    """Build the page, one tab after another."""
    page: gr.Blocks
    with gr.Blocks(
        title="医闻", analytics_enabled=False, delete_cache=(KEEP_FILES_S, KEEP_FILES_S)
    ) as page:
        gr.HTML(HEADER)
        with gr.Tab(say("page.single"), id="single"):
            build_single(place)
    return page


def launch(in_use: ModelInUse, port: int) -> None:
    """Open the page on this machine only, and stay until the user stops the program."""
    scratch = Path(mkdtemp(prefix="yiwen-"))
    atexit.register(rmtree, scratch, ignore_errors=True)
    page = build_page(Workplace(in_use, open_store(), scratch))
    page.launch(
        server_name=HOST,
        server_port=port,
        share=False,
        inbrowser=_has_screen(),
        css_paths=STYLE_FILE,
        theme=gr.themes.Default(font=FONTS, font_mono=("ui-monospace", "Consolas", "monospace")),
        i18n=wording(),
        footer_links=[],
        ssr_mode=False,
        enable_monitoring=False,
        quiet=True,
    )


def _has_screen() -> bool:
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY"))
