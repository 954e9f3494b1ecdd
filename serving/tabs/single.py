"""单篇: paste an article, see its report, take it away."""

from __future__ import annotations

import gradio as gr

from model import Article, YiwenError
from serving.page import EMPTY, read_examples, save_files, show_error, show_report
from serving.tabs.workplace import Workplace

Update = dict[str, object]


def build_single(place: Workplace) -> None:
    """Build the tab inside the block that is open."""

    def analyze(text: str) -> tuple[str, Update, Update]:
        try:
            report = place.analyzer.analyze(Article.from_raw(text or "", id="page"))
        except YiwenError as error:
            return show_error(str(error)), _no_file(), _no_file()
        as_json, as_csv = save_files(report, place.scratch)
        return show_report(report, place.names), _file(as_json), _file(as_csv)

    def clear() -> tuple[str, str, Update, Update]:
        return "", EMPTY, _no_file(), _no_file()

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
                    gr.Button(name, size="sm").click(lambda example=example: example, None, text)
        with gr.Column(scale=7):
            with gr.Row():
                as_json = gr.DownloadButton("下载 JSON", interactive=False, elem_id="json")
                as_csv = gr.DownloadButton("下载 CSV（数字表）", interactive=False, elem_id="csv")
            result = gr.HTML(EMPTY, elem_id="result")
    outputs = [result, as_json, as_csv]
    running = gr.on([run.click, text.submit], analyze, text, outputs, api_name="analyze")
    stop.click(None, cancels=[running])
    empty.click(clear, None, [text, *outputs])


def _file(path: str) -> Update:
    return gr.update(value=path, interactive=True)


def _no_file() -> Update:
    return gr.update(value=None, interactive=False)
