"""校正: go through articles sentence by sentence, correct the labels of the model, export labels.

The view is a script of its own, whose parts lie in `view/`; it draws the replies of
`serving.page.correct.answers`, and nothing that it draws is HTML.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from model import Report, YiwenError
from model.figures.official import official_names
from serving.analysis.analyses import OwnAnalyses
from serving.corrections.labels import read_report
from serving.corrections.own_themes import MIN_POSITIVES, add_theme
from serving.corrections.review import add_to_queue
from serving.corrections.store import keep_answer
from serving.output.tables import KINDS
from serving.page.correct.answers import CorrectContext, answer_view
from serving.page.correct.intake import Intake
from serving.page.guard.login import USER, owner_of
from serving.page.notices import show_done, show_error, show_note
from serving.page.phrases import LANGUAGES, both, read_phrases
from serving.page.templates import render
from serving.page.wording import say
from serving.page.workplace import Workplace

# Gradio runs the view as the body of one function, so its parts share one scope, in this order.
_VIEW_PARTS = (
    "elements", "state", "requests", "article", "figures", "side", "export", "frame", "keyboard",
    "start",
)  # fmt: skip
_SHOWN_PROBLEMS = 3
_REFRESH = "() => window.dispatchEvent(new Event('yiwen-queue'))"


def build_correct(place: Workplace) -> None:
    """Build the tab inside the block that is open."""
    context = CorrectContext(place.store, lambda: place.names)

    def correct_article(ask: dict[str, Any], request: gr.Request) -> dict[str, Any]:
        return answer_view(context, ask, user_of(request))

    def add(paths: list[str] | None, text: str, only: bool, request: gr.Request) -> tuple[Any, ...]:
        mine = OwnAnalyses(place.analyses, owner_of(request))
        intake = Intake(mine, place.store, read=mine.read)
        return None, "", _add(intake, paths or [], text, only, request.username or "")

    gr.HTML(
        html_template="<div class='yc' tabindex='-1'></div>",
        js_on_load=read_view(),
        apply_default_css=False,
        elem_id="correct",
        server_functions=[correct_article],
        words={language: _words(language) for language in LANGUAGES},
        kinds=KINDS,
        officials=official_names(),
    )
    with gr.Accordion(say("correct.add"), open=False, elem_id="correct-add"):
        with gr.Row():
            # Any file is taken: the reader says in Chinese why it cannot be read.
            files = gr.File(
                label=say("correct.files"), file_count="multiple", height=140,
                elem_id="correct-files",
            )  # fmt: skip
            text = gr.Textbox(
                label=say("correct.text"), lines=4, max_lines=4, elem_id="correct-text"
            )
        with gr.Row():
            only = gr.Checkbox(label=say("correct.only"), value=False, container=False)
            run = gr.Button(say("correct.add_run"), variant="primary", elem_id="correct-run")
        note = gr.HTML(apply_default_css=False, elem_id="correct-note")
    added = run.click(add, [files, text, only], [files, text, note], api_visibility="private")
    added.then(None, js=_REFRESH)
    _build_new_theme(place)


def _build_new_theme(place: Workplace) -> None:
    """Build the form for a theme of a user's own, which can be labelled at once."""

    def make(name: str, description: str, request: gr.Request) -> tuple[Any, ...]:
        by = request.username or ""
        try:
            made = add_theme(place.store, name or "", description or "", by, place.names)
        except YiwenError as error:
            return gr.skip(), gr.skip(), show_error(str(error))
        done = both("correct.theme_added", name=made.name, needed=MIN_POSITIVES)
        return "", "", show_done(done)

    with gr.Accordion(say("correct.new_theme"), open=False, elem_id="correct-theme"):
        gr.HTML(show_note(both("correct.theme_hint")), apply_default_css=False)
        with gr.Row(elem_classes="yw-tight"):
            name = gr.Textbox(
                label=say("correct.theme_name"), max_lines=1, scale=2, min_width=120,
                elem_id="theme-name",
            )  # fmt: skip
            description = gr.Textbox(
                label=say("correct.theme_description"), max_lines=2, scale=8, min_width=240,
                placeholder=say("correct.theme_example"), elem_id="theme-description",
            )  # fmt: skip
        add = gr.Button(say("correct.theme_add"), variant="primary", elem_id="theme-add")
        note = gr.HTML(apply_default_css=False, elem_id="theme-note")
    made = add.click(make, [name, description], [name, description, note], api_visibility="private")
    made.then(None, js=_REFRESH)


def read_view() -> str:
    """Return the script of the view."""
    folder = Path(__file__).with_name("view")
    parts = ((folder / f"{part}.js").read_text(encoding="utf-8") for part in _VIEW_PARTS)
    return "\n".join(parts)


def send_to_correct(place: Workplace, report: Report, by: str) -> int:
    """Put an article that was just analysed into the queue; return the document's number.

    `yiwen.correct` of the page's script opens it.
    """
    answer = read_report(report.to_dict())
    add_to_queue(place.store, [answer], by, only_needed=False)
    return keep_answer(place.store, answer)


def user_of(request: Any) -> str:
    """Return the name of the user who is logged in; empty on a page without users.

    Gradio gives server functions the bare request.
    """
    return str(request.scope.get(USER, ""))


def _words(language: str) -> dict[str, str]:
    return {
        key.removeprefix("correct."): texts[language]
        for key, texts in read_phrases().items()
        if key.startswith("correct.")
    }


def _add(intake: Intake, paths: list[str], text: str, only_needed: bool, by: str) -> str:
    """Put files and a pasted text into the queue; return the outcome as HTML."""
    added = intake.take([Path(path) for path in paths], text, by, only_needed=only_needed)
    lines: list[str] = [both("correct.added", n=added.n_added)]
    if n_left := added.n_given - added.n_added:
        lines.append(both("correct.not_added", n=n_left))
    lines += intake.problems[:_SHOWN_PROBLEMS]
    if len(intake.problems) > _SHOWN_PROBLEMS:
        lines.append(both("correct.problems", n=len(intake.problems)))
    return render("correct/added.html.j2", lines=lines)
