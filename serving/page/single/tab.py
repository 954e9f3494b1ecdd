"""单篇: paste an article or drop a file, see its report in one look, take it away."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from model import Article, InputError, YiwenError
from model.summary import DEFAULT_CHARS, MAX_CHARS, MIN_CHARS
from serving.output.filing import file_report
from serving.page.analysis_worker import Analysis, Task
from serving.page.correct.tab import send_to_correct
from serving.page.guard.login import owner_of
from serving.page.hosting import AnalysisLimit
from serving.page.phrases import both
from serving.page.report_view import (
    EMPTY,
    read_examples,
    show_body,
    show_error,
    show_head,
    show_note,
)
from serving.page.uploads import Upload, read_upload
from serving.page.wording import say
from serving.page.workplace import Workplace

# Analyses that run or wait for a worker; who waits takes turns in `Analyses`.
AT_ONCE: dict[str, Any] = {"concurrency_limit": 20, "concurrency_id": "analyze"}
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
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
            given = _build_input()
        with gr.Column(scale=9, min_width=280, elem_id="single-result"):
            result = _build_result()
    held, upload = gr.State(None), gr.State(None)
    _join(_Desk(place), given, result, held, upload)
    _join_takeaway(place, result, held)


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
    head = gr.HTML(EMPTY, apply_default_css=False, elem_id="result")
    body = gr.HTML(apply_default_css=False, elem_id="result-body")
    return _Result(tools, chars, copy, savers, correct, head, body)


def _join(desk: _Desk, given: _Input, result: _Result, held: gr.State, upload: gr.State) -> None:
    """Join what a reader does with what the page shows."""
    shown = [held, result.tools, result.head, result.body]
    chosen = [upload, given.text, given.choice, given.note]
    busy: dict[str, Any] = {"show_progress_on": result.head, **AT_ONCE}
    running = [
        gr.on(
            [given.run.click, given.text.submit], desk.analyze,
            [given.text, result.chars, held, upload], shown, api_name="analyze", **busy,
        ),
        given.file.upload(
            desk.open_file, [given.file, result.chars], [given.file, *chosen, *shown],
            api_visibility="private", **busy,
        ),
        given.choice.input(
            desk.choose, [given.choice, upload, result.chars], [given.text, *shown],
            api_visibility="private", **busy,
        ),
    ]  # fmt: skip
    result.chars.input(
        desk.shorten, [result.chars, held], [held, result.head], trigger_mode="always_last",
        **QUIET, **AT_ONCE,
    )  # fmt: skip
    given.stop.click(None, cancels=running)
    given.clear.click(_clear, None, [*chosen, *shown], queue=False, **QUIET)


def _join_takeaway(place: Workplace, result: _Result, held: gr.State) -> None:
    """Join the buttons that copy and save; a file is made when it is asked for, and not kept."""
    saved = gr.JSON(visible=False)
    result.copy.click(None, js="() => yiwen.copy('all')")
    for kind, button in result.savers.items():
        made = button.click(partial(_save, place, kind), held, saved, **QUIET)
        made.success(None, saved, None, js="(file) => yiwen.save(file)")

    def send(before: Analysis | None, request: gr.Request) -> int:
        return send_to_correct(place, _need(before).report, request.username or "")

    number = gr.Number(visible=False)
    sent = result.correct.click(send, held, number, **QUIET)
    sent.success(None, number, None, js=_OPEN_IN_CORRECT)


@dataclass(frozen=True)
class _Desk:
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
            given = _find(raw, before, upload) or raw or ""
            return self._show(given, n_chars, request)
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
        done = self.place.analyses.analyze(owner_of(request), Task(given, n_chars))
        head = show_head(done.report, self.place.names_of(done.report))
        return [done, gr.update(visible=True), head, show_body(done.report)]

    def shorten(
        self, n_chars: int, before: Analysis | None, request: gr.Request
    ) -> tuple[Analysis, str]:
        held = _need(before)
        task = Task(held.report.article, n_chars, held.encoded, held.report.model)
        try:
            done = self.place.analyses.analyze(owner_of(request), task)
        except YiwenError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return done, show_head(done.report, self.place.names_of(done.report))


def _clear() -> list[Any]:
    return [None, "", _choices(None), _note(""), *_nothing(EMPTY)]


def _nothing(html: str) -> list[Any]:
    return [None, gr.update(visible=False), html, ""]


def _find(raw: str, before: Analysis | None, upload: Upload | None) -> Article | None:
    """Return the article that this text is of, with the title and date that its file gave."""
    known = (*(upload.articles if upload else ()), *((before.report.article,) if before else ()))
    return next((article for article in known if article.raw == raw), None)


def _need(held: Analysis | None) -> Analysis:
    if held is None:
        raise gr.Error("这篇文章已不在页面里，请重新按“分析”", print_exception=False)
    return held


def _save(place: Workplace, kind: str, held: Analysis | None) -> dict[str, str]:
    report = _need(held).report
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
    return show_note("<br>".join(parts)) if parts else ""
