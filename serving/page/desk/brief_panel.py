"""The brief in the tab 今日: proposed, ordered, edited, written by hand, downloaded."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import gradio as gr

from model import YiwenError
from serving.brief.changes import AddEntry, DropEntry, MoveEntry, RewordEntry, find_entry, reword
from serving.brief.entries import DAYS, Entry, Line
from serving.brief.making import article_finder, collect, new_brief, propose, to_bytes
from serving.brief.propose import MAX_ENTRIES
from serving.brief.store import (
    BriefState,
    change_brief,
    list_briefs,
    read_brief,
    start_brief,
)
from serving.output.filing import Filed
from serving.page.desk.clicks import REPORT_CLICK
from serving.page.desk.view import show_brief
from serving.page.events import QUIET
from serving.page.notices import show_error, show_note
from serving.page.phrases import both, phrase
from serving.page.wording import say
from serving.page.workplace import Workplace

_NEW = "new"  # the key of the editor while an entry is written by hand
Updates = tuple[Any, ...]


@dataclass(frozen=True)
class BriefPanel:
    """What the rest of the tab needs of the panel."""

    chosen: gr.Dropdown
    shown: list[Any]
    show: Callable[..., Updates]


@dataclass(frozen=True)
class _Editor:
    group: gr.Group
    title: gr.Textbox
    lines: gr.Textbox
    key: gr.State
    seen: gr.State

    @property
    def parts(self) -> list[Any]:
        return [self.group, self.title, self.lines, self.key, self.seen]


def build_brief(place: Workplace, message: gr.HTML) -> BriefPanel:
    """Build the panel inside the block that is open."""
    actions = _BriefActions(place)
    with gr.Row(elem_classes="yw-tight"):
        kinds = [(phrase(f"desk.{kind}", "zh"), kind) for kind in DAYS]
        kind = gr.Dropdown(kinds, value="daily", label=say("desk.kind"), min_width=90)
        day = gr.Textbox(
            label=say("desk.brief_day"), max_lines=1, min_width=100, elem_id="desk-day",
            placeholder=date.today().isoformat(),
        )  # fmt: skip
        every = gr.Checkbox(label=say("desk.every"), container=False, min_width=120)
        make = gr.Button(say("desk.make"), variant="primary", min_width=80, elem_id="desk-make")
    chosen = gr.Dropdown([], value=None, label=say("desk.brief"), elem_id="desk-brief")
    entries = gr.HTML(show_brief(None, {}), elem_id="desk-entries", js_on_load=REPORT_CLICK)
    editor = _build_editor()
    with gr.Row(elem_classes="yw-tight"):
        write = gr.Button(say("desk.write"), size="sm", min_width=70, elem_id="desk-write")
        savers = {
            suffix: gr.Button(
                say(f"desk.{suffix}"), size="sm", min_width=60, elem_id=f"desk-{suffix}"
            )
            for suffix in ("docx", "html", "md", "txt")
        }
    shown = [chosen, entries]
    gr.on(None, actions.show, chosen, shown, **QUIET)  # when the page is opened
    making = make.click(
        actions.make, [kind, day, every], [message, chosen], show_progress_on=message,
        api_visibility="private",
    )  # fmt: skip
    making.then(actions.show, chosen, shown, **QUIET)
    chosen.input(actions.show, chosen, shown, **QUIET)
    entries.select(
        actions.act, chosen, [message, *editor.parts], trigger_mode="multiple", **QUIET
    ).then(actions.show, chosen, shown, **QUIET)
    write.click(actions.write, None, editor.parts, **QUIET)
    _connect_savers(actions, savers, chosen, message)
    _connect_editor(actions, editor, (chosen, shown), message)
    return BriefPanel(chosen, shown, actions.show)


def _build_editor() -> _Editor:
    with gr.Group(visible=False, elem_id="desk-editor") as group:
        title = gr.Textbox(label=say("desk.edit_title"), max_lines=1)
        lines = gr.Textbox(label=say("desk.edit_lines"), lines=4, elem_id="desk-lines")
    return _Editor(group, title, lines, gr.State(""), gr.State(0))


def _connect_editor(
    actions: _BriefActions, editor: _Editor, shown: tuple[Any, list[Any]], message: gr.HTML
) -> None:
    chosen, parts = shown
    with editor.group, gr.Row():
        save = gr.Button(say("desk.save"), variant="primary", min_width=70, elem_id="desk-save")
        cancel = gr.Button(say("desk.cancel"), min_width=70)
    saved = save.click(
        actions.save, [chosen, editor.key, editor.seen, editor.title, editor.lines],
        [message, editor.group], **QUIET,
    )  # fmt: skip
    saved.then(actions.show, chosen, parts, **QUIET)
    cancel.click(lambda: gr.update(visible=False), None, editor.group, **QUIET)


def _connect_savers(
    actions: _BriefActions, savers: dict[str, gr.Button], chosen: gr.Dropdown, message: gr.HTML
) -> None:
    file = gr.JSON(visible=False)
    for suffix, button in savers.items():
        made = button.click(actions.filing(suffix), chosen, [file, message], **QUIET)
        made.then(None, file, None, js="(file) => file && yiwen.save(file)")


@dataclass(frozen=True)
class _BriefActions:
    """Handlers of the panel's events."""

    place: Workplace

    def show(self, chosen: int | None) -> Updates:
        """Return the list of briefs, and the entries of the chosen one as they stand."""
        briefs = list_briefs(self.place.store)
        choices = [(f"{b.title}　#{b.id}", b.id) for b in briefs]
        state = self._find(chosen)
        update = gr.update(choices=choices, value=state.id if state else None)
        return update, show_brief(state.brief if state else None, self.place.names)

    def make(self, request: gr.Request, kind: str, day: str, every: bool) -> Updates:
        """Propose a brief of a day, and choose it."""
        store = self.place.store
        try:
            empty = new_brief(kind, day.strip() or date.today().isoformat(), DAYS.get(kind, 1))
            made = propose(empty, collect(store, empty), MAX_ENTRIES, every=every)
            state = start_brief(store, empty, made.entries, request.username or "")
        except YiwenError as error:
            return show_error(str(error)), gr.skip()
        choices = [(f"{b.title}　#{b.id}", b.id) for b in list_briefs(store)]
        return "", gr.update(choices=choices, value=state.id)

    def act(self, event: gr.EventData, request: gr.Request, chosen: int | None) -> Updates:
        """Do what a button of an entry asks for."""
        state, key, unchanged = self._find(chosen), str(event.key), (gr.skip(),) * 5
        if state is None:
            return show_note(both("desk.gone")), *unchanged
        try:
            if event.act == "edit":
                return "", *_open_editor(find_entry(state.brief, key), state.number)
            change = DropEntry(key) if event.act == "drop" else _move(state, key, event.act)
            change_brief(self.place.store, state.id, state.number, change, request.username or "")
        except YiwenError as error:
            return show_error(str(error)), *unchanged
        return "", *unchanged

    def write(self) -> Updates:
        """Open the editor for an entry by hand."""
        return gr.update(visible=True), "", "", _NEW, 0

    def save(
        self, request: gr.Request, chosen: int | None, key: str, seen: int, title: str, lines: str
    ) -> Updates:
        """Keep what was typed: traced to an article, or marked as written by hand."""
        state, by = self._find(chosen), request.username or ""
        if state is None:
            return show_note(both("desk.gone")), gr.skip()
        typed = [line for line in lines.splitlines() if line.strip()]
        try:
            change: AddEntry | RewordEntry
            if key == _NEW:
                made = tuple(reword(line, (), {}) for line in typed)
                entry = Entry(f"hand-{secrets.token_hex(6)}", "", Line(title, (), True), made)
                change, seen = AddEntry(entry), state.number
            else:
                change = self._reworded(find_entry(state.brief, key), title, typed)
            change_brief(self.place.store, state.id, seen, change, by)
        except YiwenError as error:
            return show_error(str(error)), gr.skip()
        return show_note(both("desk.saved_entry")), gr.update(visible=False)

    def filing(self, suffix: str) -> Callable[[int | None], Updates]:
        """Return the handler that makes a file of the brief."""

        def make_file(chosen: int | None) -> Updates:
            state = self._find(chosen)
            if state is None:
                return None, show_note(both("desk.gone"))
            content = to_bytes(state.brief, self.place.names, f".{suffix}")
            return Filed(f"{state.brief.title}.{suffix}", content).to_dict(), ""

        return make_file

    def _find(self, chosen: int | None) -> BriefState | None:
        store = self.place.store
        known = {listed.id for listed in list_briefs(store)}
        return read_brief(store, chosen) if chosen in known and chosen else None

    def _reworded(self, entry: Entry, title: str, typed: list[str]) -> RewordEntry:
        find = article_finder(self.place.store)
        found = (find(source.article) for source in entry.sources)
        texts = {article.key: article.text for article in found if article is not None}
        lines = tuple(reword(line, (*entry.lines, *entry.more), texts) for line in typed)
        return RewordEntry(entry.key, reword(title, (entry.title,), texts), lines)


def _open_editor(entry: Entry, seen: int) -> Updates:
    lines = "\n".join(line.text for line in (*entry.lines, *entry.more))
    return gr.update(visible=True), entry.title.text, lines, entry.key, seen


def _move(state: BriefState, key: str, act: str) -> MoveEntry:
    """Return the change that puts an entry before or behind its neighbour of the same theme."""
    entries = state.brief.entries
    entry = find_entry(state.brief, key)
    same = [i for i, other in enumerate(entries) if other.theme == entry.theme]
    at = same.index(entries.index(entry))
    to = same[max(0, min(len(same) - 1, at + (-1 if act == "up" else 1)))]
    return MoveEntry(key, to)
