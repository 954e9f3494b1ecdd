"""模型: the versions of the model, their comparison, and which one is in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from model import InputError, YiwenError
from serving.jobs.trainings import list_trainings
from serving.page.events import QUIET
from serving.page.models.view import (
    show_card,
    show_comparing,
    show_outcome,
    show_verdict,
    show_versions,
)
from serving.page.notices import show_error, show_warning
from serving.page.phrases import both
from serving.page.wording import say
from serving.page.workplace import Workplace
from serving.registry.version_labels import VersionLabel, label_version, read_version_labels
from serving.registry.versions import Version

_LOOK_S = 0.5
Show = Callable[[int, int], None]


def build_models(place: Workplace, tab: gr.Tab) -> None:
    """Build 模型 inside its tab, which is open."""
    actions = _ModelActions(place)
    with gr.Row():
        with gr.Column(scale=7, min_width=300):
            versions = gr.HTML(apply_default_css=False, elem_id="models-list")
            card = gr.HTML(apply_default_css=False, elem_id="models-card")
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
            message = gr.HTML(apply_default_css=False, elem_id="models-message")
            with gr.Row(elem_classes="yw-tight"):
                title = gr.Textbox(
                    label=say("models.title"), max_lines=1, min_width=110, scale=3,
                    elem_id="models-title",
                )  # fmt: skip
                note = gr.Textbox(
                    label=say("models.note"), max_lines=3, min_width=160, scale=6,
                    elem_id="models-note",
                )  # fmt: skip
                label = gr.Button(
                    say("models.label"), min_width=70, scale=1, elem_id="models-label"
                )
    shown = [versions, choice]
    gr.on(None, actions.look, choice, shown, **QUIET)  # when the page is opened
    tab.select(actions.look, choice, shown, **QUIET)  # a training may have brought a version
    choice.change(actions.card, choice, [card, title, note], **QUIET)
    label.click(actions.label, [choice, title, note], [message, *shown], **QUIET)
    judge.click(actions.judge, choice, message, api_visibility="private", show_progress="hidden")
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
        labels = read_version_labels(registry)
        choices = [(_call(name, labels.get(name)), name) for name in names]
        current = registry.names.current
        value = chosen if chosen in names else current if current in names else names[0]
        problem = self.place.in_use.problem
        warning = show_warning(problem) if problem else Markup()
        return warning + show_versions(registry), gr.update(choices=choices, value=value)

    def card(self, name: str) -> tuple[str, str, str]:
        """Return the version's card, and what people call it and note of it."""
        label = read_version_labels(self.place.in_use.registry).get(name, VersionLabel())
        return show_card(self._version(name)), label.title, label.note

    def label(self, name: str, title: str, note: str) -> tuple[Any, ...]:
        """Keep what people call a version, and their note."""
        try:
            label_version(self.place.in_use.registry, name, title or "", note or "")
            message = show_outcome(both("models.labelled"))
        except YiwenError as error:
            message = show_error(str(error))
        return message, *self.look(name)

    def judge(self, name: str) -> Iterator[str]:
        """Return how far the comparison is, now and then, and at last the verdict."""
        counts = (0, 0)

        def show(n_done: int, n_all: int) -> None:
            nonlocal counts
            counts = (n_done, n_all)

        with ThreadPoolExecutor(1) as pool:
            verdict: Future[dict[str, Any]] = pool.submit(self._judge, name, show)
            while not wait([verdict], _LOOK_S).done:
                yield show_comparing(*counts)
        try:
            yield show_verdict(verdict.result())
        except YiwenError as error:
            yield show_error(str(error))

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
        self._take_up()
        promoted = both("models.promoted", version=name)
        return show_outcome(both("models.promoted_back"), done=promoted), ""

    def roll_back(self, chosen: str, why: str, request: gr.Request) -> tuple[Any, ...]:
        try:
            names = self.place.in_use.registry.roll_back(why=why.strip(), by=request.username or "")
            self._take_up()
            done = both("models.rolled_back", version=names.current)
            message, why = show_outcome(both("models.full_stop"), done=done), ""
        except YiwenError as error:
            message = show_error(str(error))
        return message, why, *self.look(chosen)

    def _take_up(self) -> None:
        """Load what is in use now, here and where articles are analysed."""
        self.place.in_use.take_up()
        self.place.analyses.warm()

    def _version(self, name: str) -> Version:
        versions = self.place.in_use.registry.versions()
        return next((v for v in versions if v.name == name), versions[0])

    def _judge(self, name: str, show: Show | None = None) -> dict[str, Any]:
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
        return judge_version(registry, name, data, show).to_dict()


def _call(name: str, label: VersionLabel | None) -> str:
    return f"{label.title}（{name}）" if label and label.title else name
