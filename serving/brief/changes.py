"""Changes of a brief: what an editor may do, each a dataclass that makes a brief of a brief."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from model import InputError
from model.validation import ContentError, validate
from serving.brief.entries import NUMBER, Brief, Entry, Line, Place

_MAX_CHARS = 5000


@dataclass(frozen=True)
class ProposeEntries:
    """The program's proposal, which a brief begins with."""

    entries: tuple[Entry, ...]
    do: ClassVar[str] = "propose"
    entry: ClassVar[str] = ""

    def apply(self, brief: Brief) -> Brief:
        """Return the brief with these entries."""
        return brief.with_entries(self.entries)


@dataclass(frozen=True)
class AddEntry:
    """An entry of an article, or one that a person wrote, put at the end of its theme."""

    added: Entry
    do: ClassVar[str] = "add"

    @property
    def entry(self) -> str:
        """The entry that it is about."""
        return self.added.key

    def apply(self, brief: Brief) -> Brief:
        """Return the brief with it.

        Raises:
            InputError: the brief has it already.
        """
        if any(entry.key == self.added.key for entry in brief.entries):
            raise InputError("这一条已经在日报里")
        return brief.with_entries((*brief.entries, self.added))


@dataclass(frozen=True)
class DropEntry:
    """An entry less."""

    entry: str
    do: ClassVar[str] = "drop"

    def apply(self, brief: Brief) -> Brief:
        """Return the brief without it."""
        find_entry(brief, self.entry)
        return brief.with_entries(tuple(e for e in brief.entries if e.key != self.entry))


@dataclass(frozen=True)
class MoveEntry:
    """An entry at another position, counted from 0."""

    entry: str
    to: int
    do: ClassVar[str] = "move"

    def apply(self, brief: Brief) -> Brief:
        """Return the brief in the new order."""
        moved = find_entry(brief, self.entry)
        others = [entry for entry in brief.entries if entry.key != self.entry]
        others.insert(max(0, self.to), moved)
        return brief.with_entries(tuple(others))


@dataclass(frozen=True)
class RewordEntry:
    """Other sentences and another title for an entry, checked by `reword` beforehand.

    They take the place of what other reports add, too: an editor has both before them.
    """

    entry: str
    title: Line
    lines: tuple[Line, ...]
    do: ClassVar[str] = "reword"

    def apply(self, brief: Brief) -> Brief:
        """Return the brief with them."""
        find_entry(brief, self.entry)
        return brief.with_entries(
            tuple(
                replace(e, title=self.title, lines=self.lines, more=())
                if e.key == self.entry
                else e
                for e in brief.entries
            )
        )


@dataclass(frozen=True)
class RetitleBrief:
    """Another heading."""

    title: str
    do: ClassVar[str] = "retitle"
    entry: ClassVar[str] = ""

    def apply(self, brief: Brief) -> Brief:
        """Return the brief with it."""
        return replace(brief, title=self.title)


BriefChange = ProposeEntries | AddEntry | DropEntry | MoveEntry | RewordEntry | RetitleBrief
_KINDS: dict[str, type[Any]] = {
    kind.do: kind
    for kind in (ProposeEntries, AddEntry, DropEntry, MoveEntry, RewordEntry, RetitleBrief)
}


def dump_change(change: BriefChange) -> str:
    """Return a change as JSON."""
    return json.dumps({"do": change.do, **asdict(change)}, ensure_ascii=False)


def load_change(content: str) -> BriefChange:
    """Read what `dump_change` wrote.

    Raises:
        InputError: another release wrote it.
    """
    row = json.loads(content)
    try:
        change: BriefChange = validate(_KINDS[row.pop("do")], row)
    except (KeyError, ContentError) as error:
        raise InputError(f"这份日报由别的版本编成，读不懂（{error!s:.80}）") from None
    return change


def find_entry(brief: Brief, key: str) -> Entry:
    """Return an entry.

    Raises:
        InputError: the brief has no such entry.
    """
    for entry in brief.entries:
        if entry.key == key:
            return entry
    raise InputError("日报里没有这一条，可能刚被删去；请刷新")


def reword(line: str, known: tuple[Line, ...], texts: dict[str, str]) -> Line:
    """Return a line that a person typed: one that is known, one found in an article, or manual.

    Args:
        line: what was typed.
        known: the lines of the entry as it stands.
        texts: the texts of the entry's articles, by key.

    Raises:
        InputError: it has a number that none of the articles has, or is too long.
    """
    typed = " ".join(line.split())
    if len(typed) > _MAX_CHARS:
        raise InputError(f"一条最多 {_MAX_CHARS} 字")
    for same in known:
        if same.text.strip() == typed:
            return same
    for key, text in texts.items():
        if (start := text.find(typed)) >= 0:
            return Line(typed, (Place(key, start, start + len(typed)),))
    if texts:
        numbers = {number for text in texts.values() for number in NUMBER.findall(text)}
        if missing := [n for n in NUMBER.findall(typed) if n not in numbers]:
            raise InputError(
                f"“{'、'.join(missing[:3])}”在原文里找不到，没有保存；请核对，或作为手写的一条另加"
            )
    return Line(typed, is_manual=True)
