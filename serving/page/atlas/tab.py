"""图谱: places by indicators by years, with receipts; promises, contradictions, questions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gradio as gr

from model import InputError, YiwenError
from serving.atlas.pivot import FactFilter
from serving.atlas.promises import follow_promises
from serving.atlas.questions import Question, ask
from serving.atlas.settlements import read_settlements, settle
from serving.atlas.workbook import write_atlas
from serving.output.filing import Filed
from serving.page.atlas.view import (
    show_answer,
    show_contradictions,
    show_pivot,
    show_promises,
)
from serving.page.desk.clicks import REPORT_CLICK
from serving.page.events import QUIET
from serving.page.notices import show_error
from serving.page.phrases import phrase
from serving.page.wording import say
from serving.page.workplace import Workplace

Updates = tuple[Any, ...]
_YEAR = re.compile(r"([0-9]{4})\D?")


@dataclass(frozen=True)
class _Filters:
    place: gr.Textbox
    indicator: gr.Textbox
    since: gr.Textbox
    until: gr.Textbox
    places: gr.Checkbox
    official: gr.Checkbox

    @property
    def boxes(self) -> list[Any]:
        return [
            self.place, self.indicator, self.since, self.until, self.places, self.official,
        ]  # fmt: skip


def build_atlas_tab(place: Workplace, tab: gr.Tab) -> None:
    """Build the tab inside the block that is open.

    Args:
        place: what all tabs share.
        tab: the tab; what it shows is drawn anew whenever it is opened.
    """
    actions, opened = _AtlasActions(place), gr.State("")
    with gr.Row():
        with gr.Column(scale=7, min_width=320):
            filters = _build_filters()
            with gr.Row(elem_classes="yw-tight"):
                find = gr.Button(say("atlas.find"), variant="primary", elem_id="atlas-find")
                save = gr.Button(say("atlas.xlsx"), min_width=80, elem_id="atlas-xlsx")
            message = gr.HTML(apply_default_css=False, elem_id="atlas-message")
            pivot = gr.HTML(apply_default_css=False, elem_id="atlas-pivot", js_on_load=REPORT_CLICK)
        with gr.Column(scale=5, min_width=320):
            _build_question(actions)
            with gr.Accordion(say("atlas.promises"), open=False):
                promises = gr.HTML(apply_default_css=False, elem_id="atlas-promises")
            with gr.Accordion(say("atlas.contradictions"), open=True):
                contradictions = gr.HTML(
                    apply_default_css=False, elem_id="atlas-contradictions",
                    js_on_load=REPORT_CLICK,
                )  # fmt: skip
    shown = [message, pivot, promises, contradictions]
    view: dict[str, Any] = {
        "fn": actions.view, "inputs": [*filters.boxes, opened], "outputs": shown, **QUIET,
    }  # fmt: skip
    gr.on([find.click, filters.place.submit, filters.indicator.submit, tab.select], **view)
    pivot.select(actions.open, opened, opened, **QUIET).then(**view)
    contradictions.select(actions.settle, None, message, **QUIET).then(**view)
    file = gr.JSON(visible=False)
    made = save.click(actions.file, filters.boxes, [file, message], **QUIET)
    made.then(None, file, None, js="(file) => file && yiwen.save(file)")


def _build_filters() -> _Filters:
    with gr.Row(elem_classes="yw-tight"):
        place = gr.Textbox(
            label=say("atlas.place"), max_lines=1, min_width=120, elem_id="atlas-place"
        )
        indicator = gr.Textbox(
            label=say("atlas.indicator"), max_lines=1, min_width=120, elem_id="atlas-indicator"
        )
        since = gr.Textbox(label=say("atlas.since"), max_lines=1, min_width=70)
        until = gr.Textbox(label=say("atlas.until"), max_lines=1, min_width=70)
    with gr.Row(elem_classes="yw-tight"):
        places = gr.Checkbox(label=say("atlas.only_places"), container=False, min_width=120)
        official = gr.Checkbox(
            value=True, label=say("atlas.only_official"), container=False, min_width=120
        )
    return _Filters(place, indicator, since, until, places, official)


def _build_question(actions: _AtlasActions) -> None:
    with gr.Row(elem_classes="yw-tight"):
        place = gr.Textbox(
            label=say("atlas.asked_place"), max_lines=1, min_width=100, elem_id="atlas-asked-place"
        )
        indicator = gr.Textbox(
            label=say("atlas.asked_indicator"), max_lines=1, min_width=100,
            elem_id="atlas-asked-indicator",
        )  # fmt: skip
        year = gr.Textbox(
            label=say("atlas.asked_year"), max_lines=1, min_width=60, elem_id="atlas-asked-year"
        )
        button = gr.Button(say("atlas.ask"), min_width=60, elem_id="atlas-ask")
    answer = gr.HTML(apply_default_css=False, elem_id="atlas-answer")
    gr.on(
        [button.click, year.submit], actions.ask, [place, indicator, year], answer, **QUIET
    )  # fmt: skip


@dataclass(frozen=True)
class _AtlasActions:
    """Handlers of the tab's events."""

    place: Workplace

    def view(self, *given: Any) -> Updates:
        """Return the message, the table, promises and contradictions."""
        *boxes, opened = given
        try:
            wanted = _to_filter(boxes)
        except YiwenError as error:
            return show_error(str(error)), gr.skip(), gr.skip(), gr.skip()
        atlas = self.place.atlas.read()
        settlements = read_settlements(self.place.store)
        promises = follow_promises(filter(wanted.takes, atlas.facts), date.today())
        return (
            gr.skip(), show_pivot(atlas, wanted, opened), show_promises(promises),
            show_contradictions(atlas.contradictions, settlements),
        )  # fmt: skip

    def open(self, event: gr.EventData, opened: str) -> str:
        """Return which cell is open: the one that was clicked, or none if it was open."""
        key = str(event.key)
        return "" if key == opened else key

    def settle(self, event: gr.EventData, request: gr.Request) -> Any:
        """Keep what a person says of a contradiction."""
        try:
            settle(self.place.store, str(event.key), str(event.act), request.username or "")
        except YiwenError as error:
            return show_error(str(error))
        return ""

    def ask(self, place: str, indicator: str, year: str) -> Any:
        """Return the answer to a question."""
        try:
            asked = _read_year(year)
            if not (place.strip() and indicator.strip() and asked):
                raise InputError(phrase("atlas.ask_whole", "zh"))
            question = Question(place, indicator, asked)
        except YiwenError as error:
            return show_error(str(error))
        return show_answer(ask(self.place.atlas.read().facts, question))

    def file(self, *boxes: Any) -> Updates:
        """Return the workbook as a file to save."""
        try:
            wanted = _to_filter(boxes)
            with TemporaryDirectory(dir=self.place.scratch) as folder:
                path = Path(folder) / "atlas.xlsx"
                settlements = read_settlements(self.place.store)
                write_atlas(path, self.place.atlas.read(), settlements, date.today(), wanted)
                content = path.read_bytes()
        except YiwenError as error:
            return None, show_error(str(error))
        return Filed(f"{phrase('page.atlas', 'zh')}.xlsx", content).to_dict(), ""


def _to_filter(boxes: Sequence[Any]) -> FactFilter:
    place, indicator, since, until, places, official = boxes
    return FactFilter(
        str(place or "").strip(), str(indicator or "").strip(), _read_year(since),
        _read_year(until), bool(places), bool(official),
    )  # fmt: skip


def _read_year(text: Any) -> int | None:
    """Read a year as typed, `2023` or `2023年`.

    Raises:
        InputError: it is none.
    """
    typed = str(text or "").strip()
    if not typed:
        return None
    year = _YEAR.fullmatch(typed)
    if year is None:
        raise InputError(f"年份应写成 2023，现在是“{typed:.20}”")
    return int(year[1])
