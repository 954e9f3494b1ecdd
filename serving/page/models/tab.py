"""训练 and 模型: a retraining from labels, and which version of the model is in use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from data.labels.corrections import Correction
from data.labels.files import READABLE, RowProblem, read_labels
from data.themes import read_themes
from model import InputError, YiwenError
from serving.corrections.store import read_corrections
from serving.home.schema import State, Training
from serving.jobs.trainings import (
    cancel_training,
    list_trainings,
    resume_training,
    settle,
    start_training,
)
from serving.page.models.view import (
    show_card,
    show_no_training,
    show_outcome,
    show_problems,
    show_training,
    show_verdict,
    show_versions,
)
from serving.page.notices import show_error, show_warning
from serving.page.phrases import both
from serving.page.wording import say
from serving.page.workplace import Workplace
from serving.registry.versions import Version

LOOK_EVERY_S = 2.0
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def build_train(place: Workplace) -> None:
    """Build 训练 inside the block that is open."""
    actions = _TrainingActions(place)
    timer = gr.Timer(LOOK_EVERY_S, active=False)
    with gr.Row():
        with gr.Column(scale=4, min_width=300):
            from_store = gr.Checkbox(value=True, label=say("train.store"), elem_id="train-store")
            files = gr.File(
                label=say("train.files"), file_count="multiple", file_types=list(READABLE),
                height=180, elem_id="train-files",
            )  # fmt: skip
            themes = gr.File(
                label=say("train.themes"), file_types=[".yaml", ".yml"], height=150,
                elem_id="train-themes",
            )  # fmt: skip
            start = gr.Button(say("train.start"), variant="primary", elem_id="train-start")
            message = gr.HTML(elem_id="train-message")
        with gr.Column(scale=8, min_width=300):
            status = gr.HTML(show_no_training(), elem_id="train-status")
            with gr.Row():
                stop = gr.Button(
                    say("train.stop"), visible=False, min_width=90, elem_id="train-stop"
                )
                resume = gr.Button(
                    say("train.resume"), visible=False, min_width=90, elem_id="train-resume"
                )
    shown = [status, stop, resume, timer]
    gr.on(None, actions.look, None, shown, **_QUIET)  # when the page is opened
    timer.tick(actions.look, None, shown, **_QUIET)
    start.click(
        actions.start, [from_store, files, themes], [message, *shown], api_visibility="private"
    )
    stop.click(actions.stop, None, shown, **_QUIET)
    resume.click(actions.resume, None, [message, *shown], **_QUIET)


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
        own = Path(themes) if themes else None
        names = self.place.names | ({t.key: t.name for t in read_themes(own)} if own else {})
        corrections: list[Correction] = read_corrections(self.place.store) if from_store else []
        n_stored, problems = len(corrections), list[RowProblem]()
        for file in map(Path, files):
            labels = read_labels(file, names)
            corrections += labels.corrections
            problems += labels.problems
        report = show_problems(problems, len(corrections) - n_stored, len(files))
        try:
            start_training(self.place.store, corrections, names, by, own)
        except InputError as error:
            return show_error(str(error)) + report
        return report

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


def build_models(place: Workplace, tab: gr.Tab) -> None:
    """Build 模型 inside its tab, which is open."""
    actions = _ModelActions(place)
    with gr.Row():
        with gr.Column(scale=7, min_width=300):
            versions = gr.HTML(elem_id="models-list")
            card = gr.HTML(elem_id="models-card")
        with gr.Column(scale=5, min_width=300):
            choice = gr.Dropdown([], label=say("models.choice"), elem_id="models-choice")
            with gr.Row():
                judge = gr.Button(say("models.judge"), min_width=90, elem_id="models-judge")
                verify = gr.Button(say("models.verify"), min_width=90, elem_id="models-verify")
            why = gr.Textbox(
                label=say("models.why"), placeholder=say("models.why_hint"), max_lines=3,
                elem_id="models-why",
            )  # fmt: skip
            with gr.Row():
                promote = gr.Button(
                    say("models.promote"), variant="primary", min_width=90, elem_id="models-promote"
                )
                back = gr.Button(say("models.back"), min_width=90, elem_id="models-back")
            message = gr.HTML(elem_id="models-message")
    shown = [versions, choice]
    gr.on(None, actions.look, choice, shown, **_QUIET)  # when the page is opened
    tab.select(actions.look, choice, shown, **_QUIET)  # a training may have brought a version
    choice.change(actions.card, choice, card, **_QUIET)
    judge.click(actions.judge, choice, message, api_visibility="private")
    verify.click(actions.verify, choice, message, api_visibility="private")
    changed = [message, why, *shown]
    promote.click(actions.promote, [choice, why], changed, api_visibility="private")
    back.click(actions.roll_back, [choice, why], changed, api_visibility="private")


@dataclass(frozen=True)
class _ModelActions:
    place: Workplace

    def look(self, chosen: str | None) -> tuple[Any, ...]:
        registry = self.place.in_use.registry
        names = [version.name for version in registry.versions()]
        current = registry.names.current
        value = chosen if chosen in names else current if current in names else names[0]
        problem = self.place.in_use.problem
        warning = show_warning(problem) if problem else Markup()
        return warning + show_versions(registry), gr.update(choices=names, value=value)

    def card(self, name: str) -> str:
        return show_card(self._version(name))

    def judge(self, name: str) -> str:
        try:
            return show_verdict(self._judge(name))
        except YiwenError as error:
            return show_error(str(error))

    def verify(self, name: str) -> str:
        try:
            manifest = self.place.in_use.registry.verify(name)
        except YiwenError as error:
            return show_error(str(error))
        n_files = len(manifest.files)
        return show_outcome(both("models.intact", version=manifest.version, n=n_files))

    def promote(self, name: str, why: str, request: gr.Request) -> tuple[Any, ...]:
        try:
            message, why = self._promote(name, why.strip(), request.username or "")
        except YiwenError as error:
            message = show_error(str(error))
        return message, why, *self.look(name)

    def _promote(self, name: str, why: str, by: str) -> tuple[Markup, str]:
        """Return the message, and what stays in the box of reasons."""
        registry, verdict = self.place.in_use.registry, None
        try:
            verdict = self._judge(name)
        except InputError as error:
            if not why:
                raise InputError(f"{error}；写明理由后可以直接启用") from None
        if verdict and not verdict["accepted"] and not why:
            return show_error(both("models.not_promoted")) + show_verdict(verdict), why
        registry.promote(name, why=why, by=by, verdict=verdict)
        self.place.in_use.take_up()
        promoted = both("models.promoted", version=name)
        return show_outcome(both("models.promoted_back"), done=promoted), ""

    def roll_back(self, chosen: str, why: str, request: gr.Request) -> tuple[Any, ...]:
        try:
            names = self.place.in_use.registry.roll_back(why=why.strip(), by=request.username or "")
            self.place.in_use.take_up()
            done = both("models.rolled_back", version=names.current)
            message, why = show_outcome(both("models.full_stop"), done=done), ""
        except YiwenError as error:
            message = show_error(str(error))
        return message, why, *self.look(chosen)

    def _version(self, name: str) -> Version:
        versions = self.place.in_use.registry.versions()
        return next((v for v in versions if v.name == name), versions[0])

    def _judge(self, name: str) -> dict[str, Any]:
        """Return the verdict kept with the training, or a new one where the model in use changed.

        Raises:
            InputError: there is too little to judge by.
            ModelError: a model cannot be used.
        """
        from serving.registry.judging import judge_version

        registry = self.place.in_use.registry
        made = next((t for t in list_trainings(self.place.store) if t.version == name), None)
        current = self._version(registry.names.current).manifest
        if made and made.verdict and current and made.verdict["old"] == current.version:
            return made.verdict
        data = [made.labels] if made else []
        return judge_version(registry, name, data).to_dict()
