"""What the view of 校正 asks for, and the answers: articles, the queue, files of labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import Engine

from data.labelled import LabelledFigure
from data.labels.files import SUFFIXES as LABEL_SUFFIXES
from data.labels.files import Format, write_labels
from model import InputError, YiwenError
from serving.corrections.article_log import ArticleState, ConflictError
from serving.corrections.changes import (
    Change,
    FigureChange,
    draft_figure,
    find_overlap,
    find_typed,
    show_value,
)
from serving.corrections.review import (
    add_to_queue,
    count_waiting,
    is_in_queue,
    leave_queue,
    list_waiting,
    source_name,
)
from serving.corrections.store import (
    accept,
    read_corrections,
    read_history,
    read_people,
    read_state,
    save_change,
    undo,
)
from serving.output.filing import Filed

SHOWN_WAITING = 60
# Numbers of documents, corrections and characters; a database column holds no more than 2 ** 63.
_Count = Annotated[int, Field(ge=0, lt=2**31)]
Reply = dict[str, Any]


@dataclass(frozen=True)
class Desk:
    """What the answers are made from.

    `read_names` gives the Chinese name of every theme, by key, of the model in use by then.
    """

    store: Engine
    read_names: Callable[[], Mapping[str, str]]


class Ask(BaseModel):
    """What the view asks for; which fields count follows from `do`."""

    do: Literal[
        "open",
        "change",
        "undo",
        "accept",
        "leave",
        "return",
        "figure",
        "history",
        "export",
        "people",
    ]
    document: _Count | None = None
    seen: _Count = 0
    change: Change | None = None
    typed: str = ""
    start: _Count = 0
    end: _Count = 0
    format: Format = "jsonl"
    by: str | None = None
    since: str = ""
    unaccepted: bool = False


def answer_view(desk: Desk, ask: Mapping[str, Any], by: str) -> Reply:
    """Answer the view; whatever cannot be done becomes a message under `error`.

    Every reply brings the `themes` of the model in use, which may be another than a moment ago.

    Args:
        desk: the store and the themes.
        ask: an `Ask` as JSON.
        by: who asks.
    """
    return {**_answer(desk, ask, by), "themes": dict(desk.read_names())}


def _answer(desk: Desk, ask: Mapping[str, Any], by: str) -> Reply:
    try:
        asked = Ask.model_validate(ask)
        return _ANSWERS[asked.do](desk, asked, by)
    except ValidationError:
        return {"error": "页面与程序的版本不同，请刷新页面"}
    except ConflictError as error:
        state = show_state(read_state(desk.store, asked.document or 0))
        return {"error": str(error), "state": state}
    except YiwenError as error:
        return {"error": str(error)}


def show_state(state: ArticleState) -> Reply:
    """Return an article for the view."""
    labelled = state.labelled
    return {
        "document": state.document,
        "number": state.number,
        "done": state.done,
        "by": state.by,
        "at": state.at and state.at.isoformat(),
        "told": state.notice,
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


def _with_queue(desk: Desk, state: ArticleState | None) -> Reply:
    waiting = list_waiting(desk.store, SHOWN_WAITING)
    return {
        "state": state and show_state(state),
        "queued": state is not None and is_in_queue(desk.store, state.document),
        "left": count_waiting(desk.store),
        "waiting": [
            {"document": w.document, "title": w.title, "source": w.source, "reason": w.reason}
            for w in waiting
        ],
    }


def _open(desk: Desk, ask: Ask, by: str) -> Reply:  # noqa: ARG001
    document = ask.document
    if document is None:
        waiting = list_waiting(desk.store, 1)
        document = waiting[0].document if waiting else None
    return _with_queue(desk, None if document is None else read_state(desk.store, document))


def _change(desk: Desk, ask: Ask, by: str) -> Reply:
    change = ask.change
    if change is None or ask.document is None:
        raise InputError("没有要改的内容，请刷新页面")
    theme, names = getattr(change, "theme", None), desk.read_names()
    if theme is not None and theme not in names:
        raise InputError("现用的模型没有这个主题，请刷新页面")
    state = save_change(desk.store, ask.document, ask.seen, change, by, names)
    return _with_queue(desk, state)


def _undo(desk: Desk, ask: Ask, by: str) -> Reply:
    return _with_queue(desk, undo(desk.store, ask.document or 0, ask.seen, by))


def _accept(desk: Desk, ask: Ask, by: str) -> Reply:
    """Accept, and give what comes next."""
    accepted = accept(desk.store, ask.document or 0, ask.seen, by)
    return _next(desk, accepted.document)


def _leave(desk: Desk, ask: Ask, by: str) -> Reply:  # noqa: ARG001
    """Take an article out of the queue, and give what comes next."""
    leave_queue(desk.store, ask.document or 0)
    return _next(desk, ask.document or 0)


def _return(desk: Desk, ask: Ask, by: str) -> Reply:
    """Put an article that was taken out back into the queue."""
    state = read_state(desk.store, ask.document or 0)
    add_to_queue(desk.store, [state.answer], by, only_needed=False)
    return _with_queue(desk, state)


def _next(desk: Desk, document: int) -> Reply:
    waiting = (w.document for w in list_waiting(desk.store, 2))
    following = next((other for other in waiting if other != document), None)
    return _with_queue(desk, None if following is None else read_state(desk.store, following))


def _figure(desk: Desk, ask: Ask, by: str) -> Reply:
    """Add the figure that was selected or typed, as far as it can be read."""
    state = read_state(desk.store, ask.document or 0)
    start, end = ask.start, ask.end
    if ask.typed:
        start, end = find_typed(state.labelled, ask.typed, ask.start)
    draft = draft_figure(state.labelled, start, end)
    if held := find_overlap(state.labelled, draft.start, draft.end):
        return {**_with_queue(desk, state), "pick": [held.start, held.end]}
    try:
        state = save_change(desk.store, state.document, ask.seen, draft, by)
    except ConflictError:
        raise
    except InputError:
        return {**_with_queue(desk, state), "draft": _show_figure(draft)}
    return {**_with_queue(desk, state), "pick": [draft.start, draft.end]}


def _history(desk: Desk, ask: Ask, by: str) -> Reply:  # noqa: ARG001
    events = read_history(desk.store, ask.document or 0)
    return {"history": [{"by": e.by, "at": e.at.isoformat(), "what": e.what} for e in events]}


def _people(desk: Desk, ask: Ask, by: str) -> Reply:  # noqa: ARG001
    n_accepted = len(read_corrections(desk.store))
    n_all = len(read_corrections(desk.store, unaccepted=True))
    return {
        "people": list(read_people(desk.store)),
        "accepted": n_accepted,
        "open": n_all - n_accepted,
    }


def _export(desk: Desk, ask: Ask, by: str) -> Reply:  # noqa: ARG001
    """Return the labels as a file."""
    corrections = read_corrections(
        desk.store,
        by=ask.by,
        since=_read_since(ask.since),
        unaccepted=ask.unaccepted,
    )
    if not corrections:
        raise InputError("没有可导出的标注：先按回车确认几篇，或放宽上面的条件")
    name = f"医闻标注-{ask.format}{LABEL_SUFFIXES[ask.format]}"
    with TemporaryDirectory() as folder:
        path = Path(folder) / "labels"
        write_labels(path, corrections, ask.format, desk.read_names())
        return {"file": Filed(name, path.read_bytes()).to_dict(), "count": len(corrections)}


def _read_since(since: str) -> datetime | None:
    """Return the midnight that a day begins with; None for every day.

    Raises:
        InputError: it is no day.
    """
    if not since:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(since), time()).astimezone()
    except (ValueError, OverflowError):
        raise InputError(f"日期应如 2024-05-16，实为 {since[:20]}") from None


_ANSWERS: dict[str, Callable[[Desk, Ask, str], Reply]] = {
    "open": _open,
    "change": _change,
    "undo": _undo,
    "accept": _accept,
    "leave": _leave,
    "return": _return,
    "figure": _figure,
    "history": _history,
    "people": _people,
    "export": _export,
}
