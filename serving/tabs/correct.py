"""校正: go through articles sentence by sentence, correct what the model said, take the labels out.

The view is a script of its own, `correct.js`, which draws what `correct_article` answers; nothing
that it draws is HTML.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time
from html import escape
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import gradio as gr
from pydantic import BaseModel, ValidationError

from data.label_files import SUFFIXES as LABEL_SUFFIXES
from data.label_files import Format, write_labels
from data.labelled import LabelledFigure
from data.readers import SUFFIXES
from model import Article, InputError, Report, YiwenError
from serving.changes import Change, FigureChange, draft_figure, find_overlap, find_typed, show_value
from serving.filing import Filed
from serving.labels import Answer, is_report, read_report
from serving.review import (
    add_to_queue,
    count_waiting,
    leave_queue,
    list_waiting,
    source_name,
)
from serving.store import (
    ConflictError,
    State,
    accept,
    keep_answer,
    read_corrections,
    read_history,
    read_people,
    read_state,
    save_change,
    undo,
)
from serving.tables import KINDS
from serving.tabs.phrases import LANGUAGES, both, read_phrases
from serving.tabs.wording import say
from serving.tabs.workplace import Workplace
from serving.uploads import read_upload

STYLE_FILE = Path(__file__).with_suffix(".css")
_SCRIPT = Path(__file__).with_suffix(".js")
_SHOWN_WAITING = 60
_SHOWN_PROBLEMS = 3
_MAX_REPORT_BYTES = 200_000_000
_REFRESH = "() => window.dispatchEvent(new Event('yiwen-queue'))"


class Ask(BaseModel):
    """What the view asks for; which fields count follows from `do`."""

    do: Literal[
        "open", "change", "undo", "accept", "leave", "figure", "history", "export", "people"
    ]
    document: int | None = None
    seen: int = 0
    change: Change | None = None
    typed: str = ""
    start: int = 0
    end: int = 0
    format: Format = "jsonl"
    by: str | None = None
    since: str = ""
    unaccepted: bool = False


Reply = dict[str, Any]


def build_correct(place: Workplace) -> None:
    """Build the tab inside the block that is open."""

    def correct_article(ask: dict[str, Any], request: gr.Request) -> Reply:
        return answer_view(place, ask, person_of(request))

    def add(paths: list[str] | None, text: str, only: bool, request: gr.Request) -> tuple[Any, ...]:
        return None, "", _add(place, paths or [], text, only, request.username or "")

    words = {
        language: {
            key.removeprefix("correct."): texts[language]
            for key, texts in read_phrases().items()
            if key.startswith("correct.")
        }
        for language in LANGUAGES
    }
    gr.HTML(
        html_template="<div class='yc' tabindex='-1'></div>",
        js_on_load=_SCRIPT.read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id="correct",
        server_functions=[correct_article],
        words=words,
        themes=place.names,
        kinds=KINDS,
    )
    with gr.Accordion(say("correct.add"), open=False, elem_id="correct-add"):
        with gr.Row():
            files = gr.File(
                label=say("correct.files"), file_count="multiple", file_types=list(SUFFIXES),
                height=140, elem_id="correct-files",
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


def send_to_correct(place: Workplace, report: Report, by: str) -> int:
    """Put an article that was just analysed into the queue; return the document's number.

    The view opens it on the event `yiwen-correct`, whose `detail` is that number.
    """
    answer = read_report(report.to_dict())
    add_to_queue(place.store, [answer], by, only_needed=False)
    return keep_answer(place.store, answer)


def person_of(request: Any) -> str:
    """Return the name that somebody logged in with; empty on a page without users.

    Gradio gives server functions the bare request, and keeps names by the cookie of the login.
    """
    app = request.app
    cookies = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    tokens = [request.cookies[name] for name in cookies if name in request.cookies]
    return next((str(app.tokens[token]) for token in tokens if token in app.tokens), "")


def answer_view(place: Workplace, ask: Mapping[str, Any], by: str) -> Reply:
    """Answer the view; whatever cannot be done becomes a message under `error`.

    Args:
        place: the model and the store.
        ask: an `Ask` as JSON.
        by: who asks.
    """
    try:
        asked = Ask.model_validate(ask)
        return _ANSWERS[asked.do](place, asked, by)
    except ValidationError:
        return {"error": "页面与程序的版本不同，请刷新页面"}
    except ConflictError as error:
        state = show_state(read_state(place.store, asked.document or 0))
        return {"error": str(error), "state": state}
    except YiwenError as error:
        return {"error": str(error)}


def show_state(state: State) -> Reply:
    """Return an article for the view."""
    labelled = state.labelled
    return {
        "document": state.document,
        "number": state.number,
        "done": state.done,
        "by": state.by,
        "at": state.at and state.at.isoformat(),
        "told": state.told,
        "title": labelled.title,
        "date": labelled.date,
        "source": source_name(labelled.source),
        "text": labelled.text,
        "model": state.answer.model,
        "scores": dict(state.answer.scores),
        "review": list(state.answer.review),
        "themes": sorted(labelled.themes),
        "borderline": sorted(labelled.borderline),
        "primary": labelled.primary,
        "sentences": [
            {
                "start": s.start,
                "end": s.end,
                "themes": sorted(s.themes),
                "borderline": sorted(s.borderline),
                "key": s.key,
            }
            for s in labelled.sentences or ()
        ],
        "figures": [_show_figure(figure) for figure in labelled.figures or ()],
    }


def _show_figure(figure: LabelledFigure | FigureChange) -> Reply:
    value, year = figure.value, figure.year
    return {
        "start": figure.start,
        "end": figure.end,
        "indicator": figure.indicator,
        "value": value if isinstance(value, str) else show_value(value),
        "unit": figure.unit,
        "kind": figure.kind,
        "bound": figure.bound,
        "year": "" if year is None else str(year),
    }


def _with_queue(place: Workplace, state: State | None) -> Reply:
    waiting = list_waiting(place.store, _SHOWN_WAITING)
    return {
        "state": state and show_state(state),
        "left": count_waiting(place.store),
        "waiting": [
            {"document": w.document, "title": w.title, "source": w.source, "reason": w.reason}
            for w in waiting
        ],
    }


def _open(place: Workplace, ask: Ask, by: str) -> Reply:  # noqa: ARG001
    document = ask.document
    if document is None:
        waiting = list_waiting(place.store, 1)
        document = waiting[0].document if waiting else None
    return _with_queue(place, None if document is None else read_state(place.store, document))


def _change(place: Workplace, ask: Ask, by: str) -> Reply:
    change = ask.change
    if change is None or ask.document is None:
        raise InputError("没有要改的内容，请刷新页面")
    theme = getattr(change, "theme", None)
    if theme is not None and theme not in place.names:
        raise InputError("现用的模型没有这个主题，请刷新页面")
    state = save_change(place.store, ask.document, ask.seen, change, by, place.names)
    return _with_queue(place, state)


def _undo(place: Workplace, ask: Ask, by: str) -> Reply:
    return _with_queue(place, undo(place.store, ask.document or 0, ask.seen, by))


def _accept(place: Workplace, ask: Ask, by: str) -> Reply:
    """Accept, and give what comes next."""
    accepted = accept(place.store, ask.document or 0, ask.seen, by)
    return _next(place, accepted.document)


def _leave(place: Workplace, ask: Ask, by: str) -> Reply:  # noqa: ARG001
    leave_queue(place.store, ask.document or 0)
    return _next(place, ask.document or 0)


def _next(place: Workplace, document: int) -> Reply:
    waiting = (w.document for w in list_waiting(place.store, 2))
    following = next((other for other in waiting if other != document), None)
    return _with_queue(place, None if following is None else read_state(place.store, following))


def _figure(place: Workplace, ask: Ask, by: str) -> Reply:
    """Add the figure that was selected or typed, as far as it can be read."""
    state = read_state(place.store, ask.document or 0)
    start, end = ask.start, ask.end
    if ask.typed:
        start, end = find_typed(state.labelled, ask.typed, ask.start)
    draft = draft_figure(state.labelled, start, end)
    if held := find_overlap(state.labelled, draft.start, draft.end):
        return {**_with_queue(place, state), "pick": [held.start, held.end]}
    try:
        state = save_change(place.store, state.document, ask.seen, draft, by)
    except ConflictError:
        raise
    except InputError:
        return {**_with_queue(place, state), "draft": _show_figure(draft)}
    return {**_with_queue(place, state), "pick": [draft.start, draft.end]}


def _history(place: Workplace, ask: Ask, by: str) -> Reply:  # noqa: ARG001
    events = read_history(place.store, ask.document or 0)
    return {"history": [{"by": e.by, "at": e.at.isoformat(), "what": e.what} for e in events]}


def _people(place: Workplace, ask: Ask, by: str) -> Reply:  # noqa: ARG001
    n_accepted = len(read_corrections(place.store))
    n_all = len(read_corrections(place.store, unaccepted=True))
    return {
        "people": list(read_people(place.store)),
        "accepted": n_accepted,
        "open": n_all - n_accepted,
    }


def _export(place: Workplace, ask: Ask, by: str) -> Reply:  # noqa: ARG001
    """Return the labels as a file."""
    since = datetime.combine(datetime.fromisoformat(ask.since), time()) if ask.since else None
    corrections = read_corrections(
        place.store,
        by=ask.by,
        since=since and since.astimezone(),
        unaccepted=ask.unaccepted,
    )
    if not corrections:
        raise InputError("没有可导出的标注：先按回车确认几篇，或放宽上面的条件")
    name = f"医闻标注-{ask.format}{LABEL_SUFFIXES[ask.format]}"
    with TemporaryDirectory() as folder:
        path = Path(folder) / "labels"
        write_labels(path, corrections, ask.format, place.names)
        return {"file": Filed(name, path.read_bytes()).to_dict(), "count": len(corrections)}


_ANSWERS: dict[str, Callable[[Workplace, Ask, str], Reply]] = {
    "open": _open,
    "change": _change,
    "undo": _undo,
    "accept": _accept,
    "leave": _leave,
    "figure": _figure,
    "history": _history,
    "people": _people,
    "export": _export,
}


def _add(place: Workplace, paths: list[str], text: str, only_needed: bool, by: str) -> str:
    """Put files and a pasted text into the queue; return what came of it."""
    problems: list[str] = []
    answers = chain(_read_files(place, paths, problems), _read_pasted(place, text, problems))
    added = add_to_queue(place.store, answers, by, only_needed=only_needed)
    shown = [both("correct.added", n=added.n_added)]
    if n_left := added.n_given - added.n_added:
        shown.append(both("correct.not_added", n=n_left))
    shown += [escape(problem) for problem in problems[:_SHOWN_PROBLEMS]]
    if len(problems) > _SHOWN_PROBLEMS:
        shown.append(both("correct.problems", n=len(problems)))
    return "<div class='yw-warning' role='status'>" + "<br>".join(shown) + "</div>"


def _read_pasted(place: Workplace, text: str, problems: list[str]) -> Iterator[Answer]:
    if text.strip():
        try:
            yield _analyse(place, Article.from_raw(text, id="page"))
        except InputError as error:
            problems.append(str(error))


def _read_files(place: Workplace, paths: list[str], problems: list[str]) -> Iterator[Answer]:
    for path in map(Path, paths):
        try:
            yield from _read_file(place, path, problems)
        except InputError as error:
            problems.append(f"{path.name}：{error}")
        finally:
            path.unlink(missing_ok=True)


def _read_file(place: Workplace, path: Path, problems: list[str]) -> Iterator[Answer]:
    if path.suffix.lower() == ".jsonl" and _holds_reports(path):
        yield from _read_reports(path, problems)
        return
    upload = read_upload(path)
    problems += [f"{path.name}：{problem}" for problem in upload.problems]
    if upload.is_cut:
        problems.append(f"{path.name}：一个文件只取前 {len(upload.articles)} 篇；更多请先批量标注")
    for article in upload.articles:
        yield _analyse(place, article)


def _holds_reports(path: Path) -> bool:
    """Whether the first lines of a file are what `yiwen tag` writes."""
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        return any(is_report(_parse(line)) for line, _ in zip(lines, range(20), strict=False))


def _read_reports(path: Path, problems: list[str]) -> Iterator[Answer]:
    if path.stat().st_size > _MAX_REPORT_BYTES:
        raise InputError(f"文件超过 {_MAX_REPORT_BYTES // 1_000_000} MB，请分成几个再放入")
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            row = _parse(line)
            if not line.strip() or (isinstance(row, dict) and "error" in row):
                continue
            try:
                yield read_report(row if isinstance(row, dict) else {})
            except InputError as error:
                problems.append(f"{path.name} 第 {number} 行：{error}")


def _parse(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _analyse(place: Workplace, article: Article) -> Answer:
    return read_report(place.analyzer.analyze(article).to_dict())
