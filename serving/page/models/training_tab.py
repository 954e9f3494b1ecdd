"""训练: a retraining from confirmed corrections and label files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from data.labels.corrections import Correction
from data.labels.files import RowProblem, read_labels
from data.themes import ThemeEntry, read_own_themes
from model import InputError, YiwenError
from serving.corrections.counts import count_accepted
from serving.corrections.own_themes import count_progress, list_own, mark_unasked, with_own
from serving.corrections.store import read_corrections
from serving.home.schema import State, Training
from serving.jobs.trainings import (
    MIN_LABELS,
    cancel_training,
    list_trainings,
    resume_training,
    settle,
    start_training,
)
from serving.page.events import QUIET
from serving.page.models.view import (
    show_left_out,
    show_no_training,
    show_problems,
    show_ready,
    show_training,
)
from serving.page.notices import show_error
from serving.page.wording import say
from serving.page.workplace import Workplace

LOOK_EVERY_S = 2.0


def build_train(place: Workplace, tab: gr.Tab) -> None:
    """Build 训练 inside its tab, which is open."""
    actions = _TrainingActions(place)
    timer = gr.Timer(LOOK_EVERY_S, active=False)
    with gr.Row():
        with gr.Column(scale=4, min_width=300):
            from_store = gr.Checkbox(value=True, label=say("train.store"), elem_id="train-store")
            # Any file is taken: its reader says in Chinese why it cannot be read.
            files = gr.File(
                label=say("train.files"), file_count="multiple", height=130, elem_id="train-files"
            )
            with gr.Accordion(say("train.themes_head"), open=False):
                themes = gr.File(label=say("train.themes"), height=130, elem_id="train-themes")
            ready = gr.HTML(apply_default_css=False, elem_id="train-ready")
            start = gr.Button(say("train.start"), variant="primary", elem_id="train-start")
            message = gr.HTML(apply_default_css=False, elem_id="train-message")
        with gr.Column(scale=8, min_width=300):
            status = gr.HTML(show_no_training(), apply_default_css=False, elem_id="train-status")
            with gr.Row():
                stop = gr.Button(
                    say("train.stop"), visible=False, min_width=90, elem_id="train-stop"
                )
                resume = gr.Button(
                    say("train.resume"), visible=False, min_width=90, elem_id="train-resume"
                )
    shown = [status, stop, resume, timer]
    gr.on(None, actions.look, None, shown, **QUIET)  # when the page is opened
    gr.on([tab.select, from_store.change], actions.count, from_store, ready, **QUIET)
    timer.tick(actions.look, None, shown, **QUIET)
    start.click(
        actions.start, [from_store, files, themes], [message, *shown], api_visibility="private"
    )
    stop.click(actions.stop, None, shown, **QUIET)
    resume.click(actions.resume, None, [message, *shown], **QUIET)


@dataclass(frozen=True)
class _TrainingActions:
    place: Workplace

    def look(self) -> tuple[Any, ...]:
        settle(self.place.store)
        latest = next(iter(list_trainings(self.place.store)), None)
        return (
            show_training(latest),
            gr.update(visible=latest is not None and latest.state == State.RUNNING),
            gr.update(visible=_is_resumable(latest)),
            gr.Timer(active=latest is not None and latest.is_active),
        )

    def count(self, from_store: bool) -> Markup:
        """Return how many confirmed articles there are, before the press."""
        if not from_store:
            return Markup()
        store, names = self.place.store, self.place.names
        own = count_progress(store, names)
        return show_ready(count_accepted(store), names, MIN_LABELS, own)

    def start(
        self,
        from_store: bool,
        files: list[str] | None,
        themes: str | None,
        request: gr.Request,
    ) -> tuple[Any, ...]:
        try:
            message = self._start(from_store, files or [], themes, request.username or "")
        except YiwenError as error:
            message = show_error(str(error))
        return message, *self.look()

    def _start(self, from_store: bool, files: list[str], themes: str | None, by: str) -> Markup:
        store, learned = self.place.store, self.place.names
        listed = read_own_themes(Path(themes)) if themes else ()
        names = with_own(store, learned) | {theme.key: theme.name for theme in listed}
        corrections: list[Correction] = read_corrections(store) if from_store else []
        n_stored, problems = len(corrections), list[RowProblem]()
        for file in map(Path, files):
            labels = read_labels(file, names)
            corrections += labels.corrections
            problems += labels.problems
        report = show_problems(problems, len(corrections) - n_stored, len(files))
        corrections, made, left_out = mark_unasked(corrections, list_own(store), learned)
        entries: dict[str, ThemeEntry] = {theme.key: theme.entry for theme in made}
        entries |= {theme.key: theme for theme in listed}
        try:
            start_training(store, corrections, names, by, tuple(entries.values()))
        except InputError as error:
            return show_error(str(error)) + report
        return report + show_left_out(left_out)

    def stop(self) -> tuple[Any, ...]:
        for training in list_trainings(self.place.store)[:1]:
            cancel_training(self.place.store, training.id)
        return self.look()

    def resume(self) -> tuple[Any, ...]:
        message = ""
        try:
            for training in list_trainings(self.place.store)[:1]:
                resume_training(self.place.store, training)
        except YiwenError as error:
            message = show_error(str(error))
        return message, *self.look()


def _is_resumable(training: Training | None) -> bool:
    return training is not None and not training.is_active and training.state != State.DONE
