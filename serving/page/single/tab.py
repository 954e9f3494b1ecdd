"""单篇: paste an article or drop a file, see its report in one look, take it away."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from model import Article, InputError, YiwenError
from model.summary import DEFAULT_CHARS, MAX_CHARS, MIN_CHARS
from serving.library.articles import keep_record
from serving.library.keeping import is_keeping
from serving.output.filing import file_report
from serving.page.analysis_worker import Analysis, Task
from serving.page.correct.tab import send_to_correct
from serving.page.events import QUIET
from serving.page.guard.login import owner_of
from serving.page.hosting import AnalysisLimit
from serving.page.notices import show_error, show_note
from serving.page.phrases import both
from serving.page.single.view import read_examples, show_body, show_empty, show_head
from serving.page.uploads import Upload, read_upload
from serving.page.wording import say
from serving.page.workplace import Workplace

# Analyses that run or wait for a worker; `Analyses` gives each user a turn.
AT_ONCE: dict[str, Any] = {"concurrency_limit": 20, "concurrency_id": "analyze"}
_LABEL_CHARS = 30
Update = dict[str, object]
_OPEN_IN_CORRECT = """(number) => {
  sessionStorage.setItem('yiwen_correct', number);
  window.dispatchEvent(new CustomEvent('yiwen-correct', {detail: number}));
  document.getElementById('tab-correct-button').click();
}"""


@dataclass(frozen=True)
class _Input:
    text: gr.Textbox
    run: gr.Button
    stop: gr.Button
    clear: gr.Button
    file: gr.File
    choice: gr.Dropdown
    note: gr.HTML


@dataclass(frozen=True)
class _Result:
    tools: gr.Row
    chars: gr.Slider
    copy: gr.Button
    savers: dict[str, gr.Button]
    correct: gr.Button
    head: gr.HTML
    body: gr.HTML


def build_single(place: Workplace) -> None:
    """Build the tab inside the block that is open."""
    with gr.Row(elem_id="single"):
        with gr.Column(scale=3, min_width=300, elem_id="single-input"):
            controls = _build_input()
        with gr.Column(scale=9, min_width=280, elem_id="single-result"):
            result = _build_result()
    analysis, upload = gr.State(None), gr.State(None)
    _connect(_SingleActions(place), controls, result, analysis, upload)
    _connect_takeaway(place, result, analysis)


def _build_input() -> _Input:
    text = gr.Textbox(
        label=say("single.article"), placeholder=say("single.paste"), lines=12, max_lines=12,
        elem_id="article",
    )  # fmt: skip
    with gr.Row(elem_classes="yw-tight"):
        run = gr.Button(say("single.run"), variant="primary", min_width=80, scale=2, elem_id="run")
        stop = gr.Button(say("single.stop"), min_width=60, elem_id="stop")
        clear = gr.Button(say("single.clear"), min_width=60, elem_id="clear")
    # Any file is taken: the reader says in Chinese why it cannot be read and how it could.
    file = gr.File(label=say("single.file"), show_label=False, height=64, elem_id="file")
    choice = gr.Dropdown(label=say("single.choose"), visible=False, elem_id="choice")
    note = gr.HTML(visible=False, apply_default_css=False, elem_id="file-note")
    gr.HTML(show_note(both("single.kinds")), apply_default_css=False)
    gr.HTML(show_note(both("single.examples")), apply_default_css=False)
    with gr.Row(elem_classes="yw-tight"):
        for name, example in read_examples().items():
            button = gr.Button(name, size="sm", min_width=90)
            button.click(partial(str, example), None, text, queue=False, **QUIET)
    return _Input(text, run, stop, clear, file, choice, note)


def _build_result() -> _Result:
    with gr.Row(visible=False, elem_classes="yw-tight", elem_id="tools") as tools:
        chars = gr.Slider(
            MIN_CHARS, MAX_CHARS, DEFAULT_CHARS, step=10, label=say("single.length"), buttons=[],
            scale=4, min_width=220, elem_id="chars",
        )  # fmt: skip
        copy = gr.Button(say("single.copy"), size="sm", min_width=70, elem_id="copy")
        savers = {
            kind: gr.Button(say(f"single.{kind}"), size="sm", min_width=70, elem_id=kind)
            for kind in ("docx", "xlsx", "json")
        }
        correct = gr.Button(say("single.correct"), size="sm", min_width=70, elem_id="to-correct")
    head = gr.HTML(show_empty(), apply_default_css=False, elem_id="result")
    body = gr.HTML(apply_default_css=False, elem_id="result-body")
    return _Result(tools, chars, copy, savers, correct, head, body)


def _connect(
    actions: _SingleActions, controls: _Input, result: _Result, analysis: gr.State, upload: gr.State
) -> None:
    """Connect the controls with the handlers and the parts of the page that change."""
    shown = [analysis, result.tools, result.head, result.body]
    chosen = [upload, controls.text, controls.choice, controls.note]
    busy: dict[str, Any] = {"show_progress_on": result.head, **AT_ONCE}
    running = [
        gr.on(
            [controls.run.click, controls.text.submit], actions.analyze,
            [controls.text, result.chars, analysis, upload], shown, api_name="analyze", **busy,
        ),
        controls.file.upload(
            actions.open_file, [controls.file, result.chars], [controls.file, *chosen, *shown],
            api_visibility="private", **busy,
        ),
        controls.choice.input(
            actions.choose, [controls.choice, upload, result.chars], [controls.text, *shown],
            api_visibility="private", **busy,
        ),
    ]  # fmt: skip
    result.chars.input(
        actions.shorten, [result.chars, analysis], [analysis, result.head],
        trigger_mode="always_last", **QUIET, **AT_ONCE,
    )  # fmt: skip
    controls.stop.click(None, cancels=running)
    controls.clear.click(_clear, None, [*chosen, *shown], queue=False, **QUIET)


def _connect_takeaway(place: Workplace, result: _Result, analysis: gr.State) -> None:
    """Connect the buttons that copy, save or correct; files are made on request and not kept."""
    saved = gr.JSON(visible=False)
    result.copy.click(None, js="() => yiwen.copy('all')")
    for kind, button in result.savers.items():
        made = button.click(partial(_save, place, kind), analysis, saved, **QUIET)
        made.success(None, saved, None, js="(file) => yiwen.save(file)")

    def send(analysis: Analysis | None, request: gr.Request) -> int:
        return send_to_correct(place, _require(analysis).report, request.username or "")

    number = gr.Number(visible=False)
    sent = result.correct.click(send, analysis, number, **QUIET)
    sent.success(None, number, None, js=_OPEN_IN_CORRECT)


@dataclass(frozen=True)
class _SingleActions:
    place: Workplace
    limit: AnalysisLimit = field(default_factory=AnalysisLimit)

    def analyze(
        self,
        raw: str,
        n_chars: int,
        before: Analysis | None,
        upload: Upload | None,
        request: gr.Request,
    ) -> list[Any]:
        try:
            self.limit.count(request.username)
            known = _find_known(raw, before, upload)
            return self._show(known or raw or "", n_chars, request)
        except YiwenError as error:
            return _nothing(show_error(str(error)))

    def open_file(self, path: str, n_chars: int, request: gr.Request) -> list[Any]:
        try:
            self.limit.count(request.username)
            upload = read_upload(Path(path))
            first = upload.articles[0]
            chosen = [upload, first.raw, _choices(upload), _note(_describe(upload))]
            return [None, *chosen, *self._show(first, n_chars, request)]
        except YiwenError as error:
            nothing = _nothing(show_error(str(error)))
            return [None, None, gr.skip(), _choices(None), _note(""), *nothing]
        finally:
            Path(path).unlink(missing_ok=True)

    def choose(
        self, number: int, upload: Upload | None, n_chars: int, request: gr.Request
    ) -> list[Any]:
        try:
            self.limit.count(request.username)
            if upload is None:
                raise InputError("文件已不在页面里，请重新拖入")
            article = upload.articles[number]
            return [article.raw, *self._show(article, n_chars, request)]
        except YiwenError as error:
            return [gr.skip(), *_nothing(show_error(str(error)))]

    def _show(self, given: str | Article, n_chars: int, request: gr.Request) -> list[Any]:
        analysis = self.place.analyses.analyze(owner_of(request), Task(given, n_chars))
        if is_keeping():
            keep_record(self.place.store, analysis.report.to_dict(), request.username or "")
        head = show_head(analysis.report, self.place.names_of(analysis.report))
        return [analysis, gr.update(visible=True), head, show_body(analysis.report)]

    def shorten(
        self, n_chars: int, before: Analysis | None, request: gr.Request
    ) -> tuple[Analysis, str]:
        report, encoded = (known := _require(before)).report, known.encoded
        task = Task(report.article, n_chars, encoded, report.model)
        try:
            analysis = self.place.analyses.analyze(owner_of(request), task)
        except YiwenError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return analysis, show_head(analysis.report, self.place.names_of(analysis.report))


def _clear() -> list[Any]:
    return [None, "", _choices(None), _note(""), *_nothing(show_empty())]


def _nothing(html: str) -> list[Any]:
    return [None, gr.update(visible=False), html, ""]


def _find_known(raw: str, before: Analysis | None, upload: Upload | None) -> Article | None:
    """Return the article of this text, with title and date of the file it came from."""
    known = (*(upload.articles if upload else ()), *((before.report.article,) if before else ()))
    return next((article for article in known if article.raw == raw), None)


def _require(analysis: Analysis | None) -> Analysis:
    if analysis is None:
        raise gr.Error("这篇文章已不在页面里，请重新按“分析”", print_exception=False)
    return analysis


def _save(place: Workplace, kind: str, analysis: Analysis | None) -> dict[str, str]:
    report = _require(analysis).report
    return file_report(report, place.names_of(report), kind).to_dict()


def _choices(upload: Upload | None) -> Update:
    articles = upload.articles if upload else ()
    labels = [
        (f"{i}. {article.title or article.text[:_LABEL_CHARS]}", i - 1)
        for i, article in enumerate(articles, 1)
    ]
    return gr.update(choices=labels, value=0 if labels else None, visible=len(labels) > 1)


def _note(html: str) -> Update:
    return gr.update(value=html, visible=bool(html))


def _describe(upload: Upload) -> str:
    parts = []
    if len(upload.articles) > 1 or upload.is_cut:
        key = "single.many_more" if upload.is_cut else "single.many"
        parts.append(both(key, n=len(upload.articles)))
    if upload.problems:
        parts.append(both("single.unread", n=len(upload.problems), reason=upload.problems[0]))
    return show_note(Markup("<br>").join(parts)) if parts else ""
