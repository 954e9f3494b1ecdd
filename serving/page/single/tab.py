"""单篇: paste an article or drop a file, see its report in one look, take it away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from model.summary import DEFAULT_CHARS, MAX_CHARS, MIN_CHARS
from serving.home.folder import last_articles_folder
from serving.page.events import QUIET
from serving.page.notices import show_note
from serving.page.phrases import both
from serving.page.single.actions import SingleActions
from serving.page.single.last import LastArticles
from serving.page.single.view import read_examples, show_empty, show_folded
from serving.page.wording import say
from serving.page.workplace import Workplace

# Analyses that run or wait for a worker; `Analyses` gives each user a turn.
AT_ONCE: dict[str, Any] = {"concurrency_limit": 20, "concurrency_id": "analyze"}
# A request that comes while one is under way is made after it, with what the boxes hold then.
_LAST_WINS: dict[str, Any] = {"trigger_mode": "always_last", **AT_ONCE}


@dataclass(frozen=True)
class _Input:
    text: gr.Textbox
    run: gr.Button
    stop: gr.Button
    clear: gr.Button
    file: gr.File


@dataclass(frozen=True)
class _Result:
    choice: gr.Dropdown
    note: gr.HTML
    chars: gr.Slider
    copy: gr.Button
    savers: dict[str, gr.Button]
    correct: gr.Button
    headline: tuple[gr.Textbox, ...]
    head: gr.HTML
    body: gr.HTML


def build_single(place: Workplace) -> None:
    """Build the tab inside the block that is open."""
    with gr.Column(elem_id="single"):
        with gr.Column(elem_id="single-input"):
            controls = _build_input()
        with gr.Column(elem_id="single-result"):
            result = _build_result()
    actions = SingleActions(place, LastArticles(last_articles_folder()))
    reading, upload = gr.State(None), gr.State(None)
    _connect(actions, controls, result, reading, upload)
    _connect_takeaway(actions, result, reading)


def _build_input() -> _Input:
    text = gr.Textbox(
        label=say("single.article"), placeholder=say("single.paste"), lines=12, max_lines=12,
        show_label=False, container=False, elem_id="article",
    )  # fmt: skip
    with gr.Row(elem_classes="yw-tight"):
        run = gr.Button(say("single.run"), variant="primary", min_width=80, scale=2, elem_id="run")
        stop = gr.Button(say("single.stop"), min_width=60, elem_id="stop")
        clear = gr.Button(say("single.clear"), min_width=60, elem_id="clear")
        # Any file is taken: the reader says in Chinese why it cannot be read and how it could.
        file = gr.File(
            label=say("single.file"), show_label=False, height=44, scale=6, min_width=240,
            elem_id="file",
        )  # fmt: skip
    with gr.Row(elem_classes="yw-tight", elem_id="examples"):
        gr.HTML(show_note(both("single.examples")), apply_default_css=False, min_width=200)
        for name, example in read_examples().items():
            button = gr.Button(name, size="sm", min_width=80)
            button.click(partial(str, example), None, text, queue=False, **QUIET)
    return _Input(text, run, stop, clear, file)


def _build_result() -> _Result:
    choice = gr.Dropdown(label=say("single.choose"), visible=False, elem_id="choice")
    note = gr.HTML(visible=False, apply_default_css=False, elem_id="file-note")
    with gr.Row(elem_classes="yw-tight", elem_id="tools"):
        gr.HTML(show_folded(), apply_default_css=False, min_width=200, elem_id="folded")
        chars = gr.Slider(
            MIN_CHARS, MAX_CHARS, DEFAULT_CHARS, step=10, label=say("single.length"), buttons=[],
            scale=2, min_width=200, elem_id="chars",
        )  # fmt: skip
        copy = gr.Button(say("single.copy"), size="sm", min_width=70, elem_id="copy")
        savers = {
            kind: gr.Button(say(f"single.{kind}"), size="sm", min_width=70, elem_id=kind)
            for kind in ("docx", "xlsx", "json")
        }
        correct = gr.Button(say("single.correct"), size="sm", min_width=70, elem_id="to-correct")
    with gr.Row(elem_classes="yw-tight", elem_id="headline"):
        boxes = tuple(
            gr.Textbox(
                label=say(f"single.{name}"), placeholder=say(f"single.{name}"), max_lines=1,
                show_label=False, container=False, scale=scale, min_width=width,
                elem_id=f"headline-{name}",
            )
            for name, scale, width in (
                ("title", 8, 260), ("date", 1, 110), ("source", 3, 120), ("place", 2, 120)
            )
        )  # fmt: skip
    head = gr.HTML(show_empty(), apply_default_css=False, elem_id="result")
    body = gr.HTML(apply_default_css=False, elem_id="result-body")
    return _Result(choice, note, chars, copy, savers, correct, boxes, head, body)


def _connect(
    actions: SingleActions, controls: _Input, result: _Result, reading: gr.State, upload: gr.State
) -> None:
    """Connect the controls with the handlers and the parts of the page that change."""
    shown = [reading, result.head, result.body, *result.headline]
    chosen = [upload, controls.text, result.choice, result.note]
    busy: dict[str, Any] = {"show_progress_on": result.head, **_LAST_WINS}
    running = [
        gr.on(
            [controls.run.click, controls.text.submit], actions.analyze,
            [controls.text, result.chars, reading, upload], shown, api_name="analyze", **busy,
        ),
        controls.file.upload(
            actions.open_file, [controls.file, result.chars], [controls.file, *chosen, *shown],
            api_visibility="private", **busy,
        ),
        result.choice.input(
            actions.choose, [result.choice, upload, result.chars], [controls.text, *shown],
            api_visibility="private", **busy,
        ),
    ]  # fmt: skip
    gr.on(None, actions.restore, None, shown, **QUIET, **AT_ONCE)  # when the page is opened
    result.chars.input(
        actions.shorten, [result.chars, reading], [reading, result.head], **QUIET, **_LAST_WINS
    )
    gr.on(
        [event for box in result.headline for event in (box.blur, box.submit)], actions.edit,
        [reading, result.chars, *result.headline], [reading, result.head],
        trigger_mode="always_last", **QUIET,
    )  # fmt: skip
    controls.stop.click(None, cancels=running)
    controls.clear.click(actions.clear, None, [*chosen, *shown], queue=False, **QUIET)


def _connect_takeaway(actions: SingleActions, result: _Result, reading: gr.State) -> None:
    """Connect the buttons that copy, save or correct; files are made on request and not kept."""
    saved = gr.JSON(visible=False)
    sent = gr.HTML(apply_default_css=False, elem_id="sent")
    asked = [reading, *result.headline]
    result.copy.click(None, js="() => yiwen.copy('all')")
    for kind, button in result.savers.items():
        made = button.click(actions.saving(kind), asked, saved, **QUIET)
        made.success(None, saved, None, js="(file) => yiwen.save(file)")
    result.correct.click(actions.send, asked, sent, **QUIET)
