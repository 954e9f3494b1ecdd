"""Asks of the view of 校正: a class for each kind, which the view names in `do`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from data.labels.files import Format
from model import InputError
from serving.corrections.changes import Change

UNREADABLE_ASK = "unreadable-ask"
# A number of a document or a correction, or an offset; a database column ends at 2 ** 63.
_Count = Annotated[int, Field(ge=0, lt=2**31)]


class _Ask(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _ArticleAsk(_Ask):
    """About an article; `seen` is the number of the newest change that the view knows."""

    document: _Count
    seen: _Count = 0


class OpenAsk(_Ask):
    """Show an article, or the first one that waits."""

    do: Literal["open"]
    document: _Count | None = None


class ChangeAsk(_ArticleAsk):
    """Save one change of the labels."""

    do: Literal["change"]
    change: Annotated[Change, Field(discriminator="what")]


class UndoAsk(_ArticleAsk):
    """Take the last change back."""

    do: Literal["undo"]


class AcceptAsk(_ArticleAsk):
    """Accept the labels of an article, and show the next."""

    do: Literal["accept"]


class LeaveAsk(_ArticleAsk):
    """Take an article out of the queue, and show the next."""

    do: Literal["leave"]


class ReturnAsk(_ArticleAsk):
    """Put an article that was taken out back into the queue."""

    do: Literal["return"]


class SelectedFigureAsk(_ArticleAsk):
    """Add the figure that was selected in the text, by its offsets."""

    do: Literal["add_selected"]
    start: _Count
    end: _Count


class TypedFigureAsk(_ArticleAsk):
    """Add the figure whose text was typed, from the offset `near` on."""

    do: Literal["add_typed"]
    typed: str
    near: _Count = 0


class HistoryAsk(_ArticleAsk):
    """Show every change of an article."""

    do: Literal["history"]


class PeopleAsk(_Ask):
    """Show who has labelled, and how much."""

    do: Literal["people"]


class ExportAsk(_Ask):
    """Return labels as a file: of one person or all, since a day or ever."""

    do: Literal["export"]
    format: Format | Literal["xlsx"] = "jsonl"
    by: str | None = None
    since: date | Literal[""] = ""
    unaccepted: bool = False


Ask = (
    OpenAsk
    | ChangeAsk
    | UndoAsk
    | AcceptAsk
    | LeaveAsk
    | ReturnAsk
    | SelectedFigureAsk
    | TypedFigureAsk
    | HistoryAsk
    | PeopleAsk
    | ExportAsk
)
_ASKS: TypeAdapter[Ask] = TypeAdapter(Annotated[Ask, Field(discriminator="do")])


def parse_ask(ask: Mapping[str, Any]) -> Ask:
    """Read an ask of the view.

    Raises:
        InputError: its kind is unknown, or a field is missing, unknown or of another type;
            `ask` and `fields` of the error name them.
    """
    try:
        return _ASKS.validate_json(json.dumps(ask), strict=True)
    except ValidationError as error:
        raise InputError(
            "页面与程序的版本不同，请刷新页面",
            code=UNREADABLE_ASK,
            ask=str(ask.get("do") if isinstance(ask, Mapping) else ask),
            fields=", ".join(".".join(map(str, e["loc"])) for e in error.errors()),
        ) from error
