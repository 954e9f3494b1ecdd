"""Answers to the asks of the view of 校正."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import singledispatch
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine

from data.labels.files import SUFFIXES as LABEL_SUFFIXES
from data.labels.files import write_labels
from model import InputError, YiwenError
from serving.corrections.article_log import ArticleState, ConflictError
from serving.corrections.changes import FigureChange, draft_figure, find_overlap, find_typed
from serving.corrections.own_themes import count_progress, with_own
from serving.corrections.review import (
    add_to_queue,
    count_waiting,
    is_in_queue,
    leave_queue,
    list_waiting,
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
from serving.output.labels import write_label_sheet
from serving.page.correct.asks import (
    AcceptAsk,
    Ask,
    ChangeAsk,
    ExportAsk,
    HistoryAsk,
    LeaveAsk,
    OpenAsk,
    PeopleAsk,
    ReturnAsk,
    SelectedFigureAsk,
    TypedFigureAsk,
    UndoAsk,
    parse_ask,
)
from serving.page.correct.replies import (
    ArticleReply,
    ErrorReply,
    ExportReply,
    HistoryReply,
    PeopleReply,
    Reply,
    ShownEvent,
    show_article,
    show_figure,
    to_json,
)

SHOWN_WAITING = 60


@dataclass(frozen=True)
class CorrectContext:
    """The store and the themes that answers are made from.

    `read_names` gives the Chinese name of every theme, by key, of the model in use by then; themes
    that people made come behind those.
    """

    store: Engine
    read_names: Callable[[], Mapping[str, str]]

    @property
    def names(self) -> dict[str, str]:
        """The Chinese name of every theme that can be labelled, by key."""
        return with_own(self.store, self.read_names())


@dataclass(frozen=True)
class _Request:
    """The context of one ask, and the user who sent it."""

    context: CorrectContext
    by: str

    @property
    def store(self) -> Engine:
        return self.context.store


def answer_view(context: CorrectContext, ask: Mapping[str, Any], by: str) -> dict[str, Any]:
    """Answer the view; an ask that cannot be fulfilled gets an `ErrorReply`.

    Every reply brings the `themes` that can be labelled, which may be others than a moment ago.

    Args:
        context: the store and the themes.
        ask: an `Ask` as JSON.
        by: the user who asks.

    Returns:
        A `Reply` as JSON, with `themes`.
    """
    try:
        reply = _answer_or_conflict(parse_ask(ask), _Request(context, by))
    except YiwenError as error:
        reply = ErrorReply(str(error))
    return to_json(reply, context.names)


def _answer_or_conflict(ask: Ask, request: _Request) -> Reply:
    try:
        return _answer(ask, request)
    except ConflictError as error:
        document = getattr(ask, "document", None) or 0
        return ErrorReply(str(error), show_article(read_state(request.store, document)))


@singledispatch
def _answer(ask: Ask, request: _Request) -> Reply:
    """Answer one kind of ask; the functions below are registered for theirs."""
    raise NotImplementedError(type(ask).__name__, request)


@_answer.register
def _open(ask: OpenAsk, request: _Request) -> ArticleReply:
    document = ask.document
    if document is None:
        waiting = list_waiting(request.store, 1)
        document = waiting[0].document if waiting else None
    return _with_queue(request, None if document is None else read_state(request.store, document))


@_answer.register
def _change(ask: ChangeAsk, request: _Request) -> ArticleReply:
    theme, names = getattr(ask.change, "theme", None), request.context.names
    if theme is not None and theme not in names:
        raise InputError("现用的模型没有这个主题，请刷新页面")
    state = save_change(request.store, ask.document, ask.seen, ask.change, request.by, names)
    return _with_queue(request, state)


@_answer.register
def _undo(ask: UndoAsk, request: _Request) -> ArticleReply:
    return _with_queue(request, undo(request.store, ask.document, ask.seen, request.by))


@_answer.register
def _accept(ask: AcceptAsk, request: _Request) -> ArticleReply:
    accepted = accept(request.store, ask.document, ask.seen, request.by)
    return _next(request, accepted.document)


@_answer.register
def _leave(ask: LeaveAsk, request: _Request) -> ArticleReply:
    leave_queue(request.store, ask.document)
    return _next(request, ask.document)


@_answer.register
def _return(ask: ReturnAsk, request: _Request) -> ArticleReply:
    state = read_state(request.store, ask.document)
    add_to_queue(request.store, [state.answer], request.by, only_needed=False)
    return _with_queue(request, state)


@_answer.register
def _add_selected(ask: SelectedFigureAsk, request: _Request) -> ArticleReply:
    state = read_state(request.store, ask.document)
    return _add_figure(request, state, ask.seen, draft_figure(state.labelled, ask.start, ask.end))


@_answer.register
def _add_typed(ask: TypedFigureAsk, request: _Request) -> ArticleReply:
    state = read_state(request.store, ask.document)
    start, end = find_typed(state.labelled, ask.typed, ask.near)
    return _add_figure(request, state, ask.seen, draft_figure(state.labelled, start, end))


@_answer.register
def _history(ask: HistoryAsk, request: _Request) -> HistoryReply:
    events = read_history(request.store, ask.document)
    return HistoryReply(tuple(ShownEvent(e.by, e.at.isoformat(), e.what) for e in events))


@_answer.register
def _people(_: PeopleAsk, request: _Request) -> PeopleReply:
    n_accepted = len(read_corrections(request.store))
    n_all = len(read_corrections(request.store, unaccepted=True))
    return PeopleReply(tuple(read_people(request.store)), n_accepted, n_all - n_accepted)


@_answer.register
def _export(ask: ExportAsk, request: _Request) -> ExportReply:
    """Return labels as a file; a day begins at midnight of this machine's time."""
    corrections = read_corrections(
        request.store, by=ask.by, since=_midnight(ask.since or None), unaccepted=ask.unaccepted
    )
    if not corrections:
        raise InputError("没有可导出的标注：先按回车确认几篇，或放宽上面的条件")
    names = request.context.names
    with TemporaryDirectory() as folder:
        path = Path(folder) / "labels"
        if ask.format == "xlsx":
            name = "医闻标注.xlsx"
            write_label_sheet(path, corrections, names)
        else:
            name = f"医闻标注-{ask.format}{LABEL_SUFFIXES[ask.format]}"
            write_labels(path, corrections, ask.format, names)
        return ExportReply(Filed(name, path.read_bytes()).to_dict(), len(corrections))


def _midnight(day: date | None) -> datetime | None:
    try:
        return datetime.combine(day, time()).astimezone() if day else None
    except (ValueError, OverflowError):  # the first and last days of the calendar
        raise InputError(f"没有 {day} 那天的标注") from None


def _with_queue(request: _Request, state: ArticleState | None) -> ArticleReply:
    return ArticleReply(
        state=show_article(state) if state else None,
        queued=state is not None and is_in_queue(request.store, state.document),
        left=count_waiting(request.store),
        waiting=tuple(list_waiting(request.store, SHOWN_WAITING)),
        own=count_progress(request.store, request.context.read_names()),
    )


def _next(request: _Request, document: int) -> ArticleReply:
    """Show the first article that waits, other than this one."""
    waiting = (w.document for w in list_waiting(request.store, 2))
    following = next((other for other in waiting if other != document), None)
    return _with_queue(request, None if following is None else read_state(request.store, following))


def _add_figure(
    request: _Request, state: ArticleState, seen: int, draft: FigureChange
) -> ArticleReply:
    """Save a figure as far as it could be read; one that lacks a field goes back as a draft."""
    if known := find_overlap(state.labelled, draft.start, draft.end):
        return replace(_with_queue(request, state), pick=(known.start, known.end))
    try:
        state = save_change(request.store, state.document, seen, draft, request.by)
    except ConflictError:
        raise
    except InputError:
        return replace(_with_queue(request, state), draft=show_figure(draft))
    return replace(_with_queue(request, state), pick=(draft.start, draft.end))
