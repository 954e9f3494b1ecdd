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

from model import Analyzer, Article, YiwenError
from serving.page import EMPTY, STYLE_FILE, read_examples, save_files, show_error, show_report

HOST = "127.0.0.1"
FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")
KEEP_FILES_S = 24 * 3600
HEADER = (
    "<div class='yw-head'><h1>医闻 Yiwen</h1>"
    "<p>读医疗卫生新闻：标主题、取数字、写摘要。文字只在本机处理。</p></div>"
)


def build_page(analyzer: Analyzer, scratch: Path) -> gr.Blocks:
    """Build the page around a loaded model; files to download are made in `scratch`."""
    page: gr.Blocks
    names = {theme.key: theme.name for theme in analyzer.manifest.themes}

    def analyze(text: str) -> tuple[str, dict[str, object], dict[str, object]]:
        try:
            report = analyzer.analyze(Article.from_raw(text or "", id="page"))
        except YiwenError as error:
            return show_error(str(error)), _no_file(), _no_file()
        as_json, as_csv = save_files(report, scratch)
        return show_report(report, names), _file(as_json), _file(as_csv)

    def clear() -> tuple[str, str, dict[str, object], dict[str, object]]:
        return "", EMPTY, _no_file(), _no_file()

    with gr.Blocks(
        title="医闻", analytics_enabled=False, delete_cache=(KEEP_FILES_S, KEEP_FILES_S)
    ) as page:
        gr.HTML(HEADER)
        with gr.Row():
            with gr.Column(scale=5):
                text = gr.Textbox(
                    label="文章", lines=18, max_lines=24, placeholder="在这里粘贴一篇文章……",
                    elem_id="article",
                )  # fmt: skip
                with gr.Row():
                    run = gr.Button("分析", variant="primary", min_width=90, elem_id="run")
                    stop = gr.Button("停止", min_width=90, elem_id="stop")
                    empty = gr.Button("清空", min_width=90, elem_id="clear")
                gr.Markdown("试试示例：")
                with gr.Row():
                    for name, example in read_examples().items():
                        gr.Button(name, size="sm").click(
                            lambda example=example: example, None, text
                        )
            with gr.Column(scale=7):
                with gr.Row():
                    as_json = gr.DownloadButton("下载 JSON", interactive=False, elem_id="json")
                    as_csv = gr.DownloadButton(
                        "下载 CSV（数字表）", interactive=False, elem_id="csv"
                    )
                result = gr.HTML(EMPTY, elem_id="result")
        outputs = [result, as_json, as_csv]
        running = gr.on([run.click, text.submit], analyze, text, outputs, api_name="analyze")
        stop.click(None, cancels=[running])
        empty.click(clear, None, [text, *outputs])
    return page


def launch(analyzer: Analyzer, port: int) -> None:
    """Open the page on this machine only, and stay until the user stops the program."""
    scratch = Path(mkdtemp(prefix="yiwen-"))
    atexit.register(rmtree, scratch, ignore_errors=True)
    page: gr.Blocks = build_page(analyzer, scratch)
    page.launch(
        server_name=HOST,
        server_port=port,
        share=False,
        inbrowser=_has_screen(),
        css_paths=STYLE_FILE,
        theme=gr.themes.Default(font=FONTS, font_mono=("ui-monospace", "Consolas", "monospace")),
        footer_links=[],
        ssr_mode=False,
        enable_monitoring=False,
        quiet=True,
    )


def _has_screen() -> bool:
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY"))


def _file(path: str) -> dict[str, object]:
    return gr.update(value=path, interactive=True)


def _no_file() -> dict[str, object]:
    return gr.update(value=None, interactive=False)
