"""批量: many files as a job in the background; its progress, its results, and downloads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, monotonic_ns
from typing import Any

import gradio as gr

from model import InputError, YiwenError
from serving.corrections.labels import read_report
from serving.corrections.review import add_to_queue
from serving.corrections.store import keep_answer
from serving.home.schema import BatchJob as Job
from serving.jobs.batch_jobs import (
    add_job,
    cancel_job,
    delete_job,
    find_job,
    list_jobs,
    look_after,
    resume_job,
)
from serving.jobs.batch_results import (
    FORMATS,
    NO_THEME,
    RowFilter,
    read_record,
    read_results,
    read_unsure,
    save_results,
)
from serving.page.batch.view import (
    PAGE_ROWS,
    show_counts,
    show_jobs,
    show_no_jobs,
    show_nothing_chosen,
    show_table,
)
from serving.page.events import QUIET
from serving.page.language import read_language
from serving.page.notices import alert, show_done, show_error, show_sent
from serving.page.phrases import both, phrase
from serving.page.wording import say
from serving.page.workplace import Workplace

LOOK_EVERY_S = 1.5
# Largest number of articles up to which the table of a running job is refreshed by itself.
LIVE_ARTICLES = 1_000
_CLOSED = -1  # no row is open
# A button in the HTML of the tab reports its act and key to the tab.
_REPORT_CLICK = """element.addEventListener('click', (event) => {
    const button = event.target.closest('[data-act]');
    if (button) trigger('select', {act: button.dataset.act, key: button.dataset.key});
});"""
_CLICK_DOWNLOAD = "() => { document.querySelector('#batch-file').click(); }"
_STATUSES = ("all", "review", "repost", "error")
_DEFAULT_LANGUAGE = "zh"
Updates = tuple[Any, ...]


def build_batch(place: Workplace) -> None:
    """Build the tab inside the block that is open."""
    look_after(place.store)
    actions, chosen = _BatchActions(place), gr.State("")
    with gr.Row():
        with gr.Column(scale=4, min_width=320):
            mark = _build_jobs(actions, chosen)
        with gr.Column(scale=8, min_width=320):
            _build_results(actions, chosen, mark)


def _build_jobs(actions: _BatchActions, chosen: gr.State) -> gr.State:
    """Build drop zone and list of jobs; return the state that changes with the chosen job."""
    mark, to_delete = gr.State(""), gr.State("")
    timer = gr.Timer(LOOK_EVERY_S, active=False)
    files = gr.File(
        label=say("batch.files"), file_count="multiple", height=150, elem_id="batch-drop"
    )
    name = gr.Textbox(label=say("batch.name"), max_lines=1, elem_id="batch-name")
    start = gr.Button(say("batch.start"), variant="primary", elem_id="batch-start")
    message = gr.HTML(apply_default_css=False, elem_id="batch-message")
    with gr.Group(visible=False, elem_id="batch-confirm") as confirm:
        question = gr.HTML(apply_default_css=False)
        with gr.Row():
            sure = gr.Button(say("batch.delete"), variant="stop", min_width=90)
            keep = gr.Button(say("batch.keep"), min_width=90)
    cards = gr.HTML(
        show_no_jobs(), apply_default_css=False, elem_id="batch-jobs", js_on_load=_REPORT_CLICK
    )
    listing = [cards, timer, mark]
    asking = [confirm, question, to_delete]
    gr.on(None, actions.load, None, [chosen, *listing], **QUIET)  # when the page is opened
    timer.tick(actions.look, chosen, listing, **QUIET)
    gr.on(
        [start.click, name.submit], actions.add, [files, name, chosen],
        [files, name, message, chosen, *listing], api_visibility="private",
        show_progress_on=message,
    )  # fmt: skip
    cards.select(
        actions.act, chosen, [message, chosen, *asking, *listing], trigger_mode="multiple", **QUIET
    )
    sure.click(actions.remove, [to_delete, chosen], [message, chosen, *asking, *listing], **QUIET)
    keep.click(lambda: _ask(None), None, asking, **QUIET)
    return mark


def _build_results(actions: _BatchActions, chosen: gr.State, mark: gr.State) -> None:
    """Build counts, filters and table of the chosen job."""
    page, opened = gr.State(0), gr.State(_CLOSED)
    counts = gr.HTML(show_nothing_chosen(), apply_default_css=False, elem_id="batch-counts")
    with gr.Row(elem_id="batch-takes"):
        buttons = {kind: _build_download(kind) for kind in FORMATS}
        unsure = gr.Button(say("batch.correct_all"), size="sm", elem_id="batch-unsure")
    outcome = gr.HTML(apply_default_css=False, elem_id="batch-outcome")
    with gr.Group(elem_id="batch-tools"), gr.Row():
        theme = gr.Dropdown(
            _theme_choices({}, _DEFAULT_LANGUAGE), value="", label=say("batch.theme"), min_width=110
        )
        status = gr.Dropdown(
            _status_choices(_DEFAULT_LANGUAGE), value="all", label=say("batch.status"),
            min_width=110,
        )  # fmt: skip
        words = gr.Textbox(
            label=say("batch.words"), max_lines=1, min_width=160, elem_id="batch-words"
        )
    table = gr.HTML(apply_default_css=False, elem_id="batch-table", js_on_load=_REPORT_CLICK)
    file = gr.DownloadButton(visible="hidden", elem_id="batch-file")
    filters: list[Any] = [theme, status, words]
    selection = [chosen, *filters, page, opened]
    view: dict[str, Any] = {
        "fn": actions.view, "inputs": selection, "outputs": [counts, table], **QUIET
    }  # fmt: skip
    chosen.change(actions.renew, chosen, [*filters, page, opened, outcome], **QUIET).then(**view)
    mark.change(**view)
    gr.on(
        [box.change for box in filters], lambda: (0, _CLOSED), None, [page, opened],
        **QUIET,
    ).then(**view)  # fmt: skip
    sent = gr.HTML(apply_default_css=False, elem_id="batch-sent")
    table.select(
        actions.act_on_row, [chosen, page, opened], [page, opened, sent],
        trigger_mode="multiple", **QUIET,
    ).then(**view)  # fmt: skip
    unsure.click(
        actions.correct_unsure, chosen, outcome, api_visibility="private", show_progress_on=unsure
    )
    for kind, button in buttons.items():
        button.click(
            actions.downloading(kind), [chosen, *filters], file,
            api_visibility="private", show_progress_on=button,
        ).success(None, js=_CLICK_DOWNLOAD)  # fmt: skip


def _build_download(kind: str) -> gr.Button:
    return gr.Button(say(f"batch.{kind}"), size="sm", min_width=90, elem_id=f"batch-{kind}")


@dataclass(frozen=True)
class _BatchActions:
    """Handlers of the tab's events; a user has access to their own jobs only."""

    place: Workplace

    def look(self, key: str, request: gr.Request) -> Updates:
        """Return the list of jobs, the timer and the mark of the chosen job."""
        store = self.place.store
        look_after(store)
        jobs = list_jobs(store, _owner(request))
        chosen = next((job for job in jobs if job.id == key), None)
        mark = _mark(chosen) if chosen else key
        is_busy = any(job.is_active for job in jobs)
        return show_jobs(jobs, key), gr.Timer(active=is_busy), mark

    def load(self, request: gr.Request) -> Updates:
        jobs = list_jobs(self.place.store, _owner(request))
        key = jobs[0].id if jobs else ""
        return key, *self.look(key, request)

    def add(self, paths: list[str] | None, name: str, key: str, request: gr.Request) -> Updates:
        """Start a job; if it is refused, the files stay in the drop zone."""
        place = self.place
        try:
            job = add_job(
                place.store, _owner(request), [Path(path) for path in paths or ()],
                model=place.model, themes=place.names, name=name or "",
            )  # fmt: skip
        except YiwenError as error:
            return gr.skip(), gr.skip(), show_error(str(error)), key, *self.look(key, request)
        return None, "", "", job.id, *self.look(job.id, request)

    def act(self, event: gr.EventData, key: str, request: gr.Request) -> Updates:
        place, error_html, question, reopened = self.place, "", _ask(None), ""
        try:
            job = find_job(place.store, _owner(request), event.key)
            if event.act == "delete":
                question = _ask(job)
            elif event.act == "cancel":
                cancel_job(place.store, job)
            elif event.act == "resume":
                resume_job(place.store, job, model=place.model, themes=place.names)
            else:
                key, reopened = job.id, f"{monotonic()}"
        except YiwenError as error:
            error_html = show_error(str(error))
        *listing, mark = self.look(key, request)
        return error_html, key, *question, *listing, mark + reopened

    def remove(self, to_delete: str, key: str, request: gr.Request) -> Updates:
        error_html, store = "", self.place.store
        try:
            delete_job(store, find_job(store, _owner(request), to_delete))
        except YiwenError as error:
            error_html = show_error(str(error))
        key = "" if key == to_delete else key
        return error_html, key, *_ask(None), *self.look(key, request)

    def renew(self, key: str, request: gr.Request) -> Updates:
        """Reset the filters for another job."""
        try:
            themes = find_job(self.place.store, _owner(request), key).themes
        except InputError:
            themes = {}
        language = read_language(request.headers)
        return (
            gr.update(choices=_theme_choices(themes, language), value=""),
            gr.update(choices=_status_choices(language), value="all"),
            "",
            0,
            _CLOSED,
            "",
        )

    def view(
        self, key: str, theme: str, status: str, words: str, page: int, opened: int,
        request: gr.Request,
    ) -> Updates:  # fmt: skip
        """Return counts and one page of the articles chosen."""
        try:
            job = find_job(self.place.store, _owner(request), key)
        except InputError:
            return show_nothing_chosen(), ""
        results = read_results(job)
        wanted = RowFilter(theme or "", status or "all", words or "")
        rows = [row for row in results.rows if wanted.takes(row)]
        row = next((row for row in rows if row.start == opened), None)
        report = (opened, read_record(job, row)) if row else None
        page = min(page, max(0, len(rows) - 1) // PAGE_ROWS)
        table = show_table(rows, page, job.themes, report) if results.rows else ""
        return show_counts(job, results), table

    def downloading(self, kind: str) -> Callable[..., str]:
        """Return the handler that makes a file of the articles that are chosen."""

        def download(key: str, theme: str, status: str, words: str, request: gr.Request) -> str:
            wanted = RowFilter(theme or "", status or "all", words or "")
            try:
                job = find_job(self.place.store, _owner(request), key)
                return str(save_results(job, kind, self.place.scratch, wanted))
            except YiwenError as error:
                raise alert(error, request) from error

        return download

    def act_on_row(
        self, event: gr.EventData, key: str, page: int, opened: int, request: gr.Request
    ) -> Updates:
        """Turn to another page, open or close a row, or send one to 校正."""
        if event.act != "correct":
            return *_turn(event, page, opened), gr.skip()
        try:
            job = find_job(self.place.store, _owner(request), key)
            rows = (row for row in read_results(job).rows if row.start == int(event.key))
            answer = read_report(read_record(job, next(rows)))
            add_to_queue(self.place.store, [answer], _owner(request), only_needed=False)
            number = keep_answer(self.place.store, answer)
        except YiwenError as error:
            raise alert(error, request) from error
        return page, opened, show_sent(number, monotonic_ns())

    def correct_unsure(self, key: str, request: gr.Request) -> str:
        """Send every article to 校正 that names themes to look at."""
        try:
            job = find_job(self.place.store, _owner(request), key)
            answers = map(read_report, read_unsure(job))
            added = add_to_queue(self.place.store, answers, _owner(request), only_needed=False)
        except YiwenError as error:
            return show_error(str(error))
        return show_done(
            both("batch.sent", n=added.n_added, n_before=added.n_given - added.n_added)
        )


def _turn(event: gr.EventData, page: int, opened: int) -> Updates:
    """Turn to another page, or open or close a row."""
    number = int(event.key)
    if event.act == "page":
        return max(0, number), _CLOSED
    return page, _CLOSED if number == opened else number


def _mark(job: Job) -> str:
    """Return a text that differs whenever the results on the page are out of date."""
    n_done = job.n_done if job.n_done <= LIVE_ARTICLES else ""
    return f"{job.id} {job.state} {job.finished} {n_done}"


def _owner(request: gr.Request) -> str:
    return str(request.username or "")


def _ask(job: Job | None) -> Updates:
    """Ask whether to delete a job, or no longer ask."""
    if job is None:
        return gr.update(visible=False), "", ""
    return gr.update(visible=True), show_error(both("batch.ask_delete", name=job.name)), job.id


# Gradio translates labels but not choices, so choices come in the language of the request.
def _status_choices(language: str) -> list[tuple[str, str]]:
    return [(phrase(f"batch.status_{status}", language), status) for status in _STATUSES]


def _theme_choices(themes: dict[str, str], language: str) -> list[tuple[str, str]]:
    return [
        (phrase("batch.any_theme", language), ""),
        *((name, key) for key, name in themes.items()),
        (phrase("batch.no_theme", language), NO_THEME),
    ]
