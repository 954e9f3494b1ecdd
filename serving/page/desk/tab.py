"""今日: the library by day, theme, place and source; search; and beside them the brief."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from model import InputError, YiwenError
from serving.brief.changes import AddEntry
from serving.brief.entries import to_article
from serving.brief.propose import entry_of
from serving.brief.store import change_brief, read_brief
from serving.library.articles import ArticleFilter, forget_all, load_articles, mark_read
from serving.library.excel_ledger import add_to_ledger, ledger_file
from serving.library.saved_searches import drop_search, list_searches, mark_seen, save_search
from serving.library.search import SearchQuery
from serving.output.filing import Filed
from serving.page.desk.brief_panel import BriefPanel, build_brief
from serving.page.desk.clicks import REPORT_CLICK
from serving.page.desk.view import show_articles
from serving.page.events import QUIET
from serving.page.notices import show_error, show_note
from serving.page.phrases import both, phrase
from serving.page.wording import say
from serving.page.workplace import Workplace

Updates = tuple[Any, ...]


@dataclass(frozen=True)
class _Filters:
    words: gr.Textbox
    since: gr.Textbox
    until: gr.Textbox
    theme: gr.Dropdown
    place: gr.Textbox
    source: gr.Textbox
    indicator: gr.Textbox
    unread: gr.Checkbox

    @property
    def boxes(self) -> list[Any]:
        return [
            self.words, self.since, self.until, self.theme, self.place, self.source,
            self.indicator, self.unread,
        ]  # fmt: skip


def build_desk(place: Workplace, tab: gr.Tab) -> None:
    """Build the tab inside the block that is open.

    Args:
        place: what all tabs share.
        tab: the tab; its list is drawn anew whenever it is opened.
    """
    actions, opened = _DeskActions(place), gr.State(0)
    with gr.Row(elem_id="desk"):
        with gr.Column(scale=7, min_width=320):
            filters, find = _build_filters(place)
            with gr.Row(elem_classes="yw-tight"):
                name = gr.Textbox(label=say("desk.search_name"), max_lines=1, min_width=120)
                save = gr.Button(say("desk.save_search"), min_width=60, scale=0)
            message = gr.HTML(apply_default_css=False, elem_id="desk-message")
            articles = gr.HTML(
                apply_default_css=False, elem_id="desk-articles", js_on_load=REPORT_CLICK
            )
            ledger = _build_ledger(actions, message)
            _build_clearing(actions, message, filters, opened, articles)
        with gr.Column(scale=5, min_width=320):
            brief = build_brief(place, message)
    view: dict[str, Any] = {
        "fn": actions.view, "inputs": [*filters.boxes, opened], "outputs": [message, articles],
        **QUIET,
    }  # fmt: skip
    gr.on([find.click, filters.words.submit, tab.select], **view)
    saving = save.click(actions.save, [*filters.boxes, name], [message, name], **QUIET)
    saving.then(**view)
    _connect_acts(actions, articles, filters, (opened, ledger, message), brief)


def _connect_acts(
    actions: _DeskActions,
    articles: gr.HTML,
    filters: _Filters,
    shown: tuple[gr.State, gr.Textbox, gr.HTML],
    brief: BriefPanel,
) -> None:
    opened, ledger, message = shown
    acting = articles.select(
        actions.act, [opened, ledger, brief.chosen, *filters.boxes],
        [opened, message, *filters.boxes], trigger_mode="multiple", **QUIET,
    )  # fmt: skip
    redrawn = acting.then(actions.redraw, [*filters.boxes, opened], articles, **QUIET)
    redrawn.then(brief.show, brief.chosen, brief.shown, **QUIET)


def _build_filters(place: Workplace) -> tuple[_Filters, gr.Button]:
    """Build the boxes that say what is looked for, and the button that looks."""
    with gr.Row(elem_classes="yw-tight"):
        words = gr.Textbox(label=say("desk.words"), max_lines=1, elem_id="desk-words", scale=8)
        unread = gr.Checkbox(label=say("desk.unread"), container=False, min_width=110, scale=1)
        find = gr.Button(
            say("desk.find"), variant="primary", elem_id="desk-find", min_width=80, scale=1
        )
    with gr.Row(elem_classes="yw-tight"):
        since = gr.Textbox(label=say("desk.since"), max_lines=1, min_width=90)
        until = gr.Textbox(label=say("desk.until"), max_lines=1, min_width=90)
        themes = [("", ""), *((name, key) for key, name in place.names.items())]
        theme = gr.Dropdown(themes, value="", label=say("desk.theme"), min_width=90)
        where = gr.Textbox(label=say("desk.place"), max_lines=1, min_width=80)
        source = gr.Textbox(label=say("desk.source"), max_lines=1, min_width=80)
        indicator = gr.Textbox(label=say("desk.indicator"), max_lines=1, min_width=80)
    return _Filters(words, since, until, theme, where, source, indicator, unread), find


def _build_ledger(actions: _DeskActions, message: gr.HTML) -> gr.Textbox:
    with gr.Row(elem_classes="yw-tight"):
        ledger = gr.Textbox(label=say("desk.ledger_name"), max_lines=1, elem_id="desk-ledger")
        download = gr.Button(say("desk.ledger_file"), size="sm", min_width=80)
    file = gr.JSON(visible=False)
    made = download.click(actions.download_ledger, ledger, [file, message], **QUIET)
    made.then(None, file, None, js="(file) => file && yiwen.save(file)")
    return ledger


def _build_clearing(
    actions: _DeskActions, message: gr.HTML, filters: _Filters, opened: gr.State, articles: gr.HTML
) -> None:
    clear = gr.Button(say("desk.clear"), size="sm", min_width=80)
    with gr.Row(visible=False) as confirm:
        sure = gr.Button(say("desk.sure"), variant="stop", min_width=90)
        keep = gr.Button(say("desk.keep"), min_width=90)
    clear.click(lambda: gr.update(visible=True), None, confirm, **QUIET)
    keep.click(lambda: gr.update(visible=False), None, confirm, **QUIET)
    cleared = sure.click(actions.clear, None, [confirm, message], **QUIET)
    cleared.then(actions.redraw, [*filters.boxes, opened], articles, **QUIET)


@dataclass(frozen=True)
class _DeskActions:
    """Handlers of the tab's events."""

    place: Workplace

    def view(self, request: gr.Request, *given: Any) -> Updates:
        """Return no message, and the articles; or the message, and no articles."""
        try:
            return "", self._show(given, request)
        except YiwenError as error:
            return show_error(str(error)), ""

    def redraw(self, request: gr.Request, *given: Any) -> Any:
        """Return the articles, and leave the message as it is."""
        try:
            return self._show(given, request)
        except YiwenError:
            return ""

    def act(
        self, event: gr.EventData, request: gr.Request, opened: int, ledger: str,
        chosen: int | None, *boxes: Any,
    ) -> Updates:  # fmt: skip
        """Do what a button of the list asks for."""
        by, key = request.username or "", str(event.key)
        message: Any = ""
        filled: tuple[Any, ...] = (gr.skip(),) * len(boxes)  # what is being typed stays
        try:
            if event.act == "open":
                opened = 0 if int(key) == opened else int(key)
                mark_read(self.place.store, int(key), by)
            elif event.act == "brief":
                self._add_to_brief(int(key), chosen, by)
            elif event.act == "ledger":
                message = self._to_ledger(int(key), ledger)
            elif event.act == "search":
                filled = self._recall(key, by)
            else:
                drop_search(self.place.store, by, key)
        except YiwenError as error:
            message = show_error(str(error))
        return opened, message, *filled

    def save(self, request: gr.Request, *given: Any) -> Updates:
        """Keep the search under the name that was typed."""
        *boxes, name = given
        by = request.username or ""
        try:
            save_search(self.place.store, by, name or "", _to_query(boxes, by))
        except YiwenError as error:
            return show_error(str(error)), name
        return "", ""

    def clear(self) -> Updates:
        """Empty the library."""
        forget_all(self.place.store)
        return gr.update(visible=False), show_note(both("desk.cleared"))

    def download_ledger(self, name: str) -> Updates:
        """Return the ledger as a file to save."""
        try:
            path = ledger_file(name or _ledger_name())
        except YiwenError as error:
            return None, show_error(str(error))
        if not path.exists():
            return None, show_note(both("desk.no_ledger"))
        return Filed(path.name, path.read_bytes()).to_dict(), ""

    def _show(self, given: tuple[Any, ...], request: gr.Request) -> Any:
        *boxes, opened = given
        by = request.username or ""
        query = _to_query(boxes, by)
        return show_articles(self.place.store, query, by, self.place.names, opened)

    def _recall(self, name: str, by: str) -> tuple[Any, ...]:
        """Return the boxes filled as a saved search has them; what it finds now is seen."""
        saved = next(s for s in list_searches(self.place.store, by) if s.name == name)
        mark_seen(self.place.store, by, name)
        q, w = saved.query, saved.query.wanted
        return q.words, w.since, w.until, w.theme, w.place, w.source, q.indicator, False

    def _add_to_brief(self, number: int, chosen: int | None, by: str) -> None:
        if not chosen:
            raise InputError(phrase("desk.choose_brief", "zh"))
        store = self.place.store
        for kept in load_articles(store, [number]):
            entry = entry_of(to_article(kept.record, kept.day))
            seen = read_brief(store, chosen).number
            change_brief(store, chosen, seen, AddEntry(entry), by)

    def _to_ledger(self, number: int, name: str) -> Any:
        path = ledger_file(name or _ledger_name())
        key = "desk.ledger_known"
        for kept in load_articles(self.place.store, [number]):
            if add_to_ledger(path, kept.digest, kept.record):
                key = "desk.ledger_added"
        return show_note(both(key, name=path.stem))


def _ledger_name() -> str:
    return phrase("desk.ledger_name", "zh")


def _to_query(boxes: Sequence[Any], by: str) -> SearchQuery:
    words, since, until, theme, place, source, indicator, is_unread = boxes
    since, until, theme, place, source = (
        str(text or "").strip() for text in (since, until, theme, place, source)
    )
    unread_by = by if is_unread else None
    wanted = ArticleFilter(since, until, theme, place, source, unread_by)
    return SearchQuery(str(words or ""), str(indicator or ""), wanted)
