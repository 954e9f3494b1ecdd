"""What editors did to a brief, as labels: which articles matter, which sentences, which theme."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine

from serving.brief.changes import AddEntry, MoveEntry, ProposeEntries, RewordEntry
from serving.brief.entries import Entry
from serving.brief.store import list_briefs, read_brief, read_changes


def export_edits(store: Engine) -> Iterator[dict[str, Any]]:
    """Yield a line for each article that a brief proposed or that a person added.

    `kept` says whether it stayed, `moved` by how many positions it came forward, `reworded` what
    was made of its sentences; `by` names the editors.
    """
    for listed in list_briefs(store):
        final = read_brief(store, listed.id).brief
        proposed, by = _proposed(store, listed.id)
        order = {entry.key: i for i, entry in enumerate(final.entries)}
        last = {entry.key: entry for entry in final.entries}
        for position, (entry, origin) in enumerate(proposed):
            now = last.get(entry.key)
            yield {
                "brief": listed.id, "date": listed.date, "article": entry.key,
                "theme": entry.theme, "title": entry.title.text, "origin": origin,
                "kept": now is not None,
                "moved": position - order[entry.key] if entry.key in order else None,
                "reworded": _reworded(entry, now), "by": sorted(by.get(entry.key, ())),
            }  # fmt: skip


def _proposed(store: Engine, brief: int) -> tuple[list[tuple[Entry, str]], dict[str, set[str]]]:
    found: list[tuple[Entry, str]] = []
    by: dict[str, set[str]] = {}
    for made in read_changes(store, brief):
        change = made.change
        if isinstance(change, ProposeEntries):
            found += [(entry, "proposed") for entry in change.entries]
        elif isinstance(change, AddEntry):
            found.append((change.added, "added"))
        if isinstance(change, (MoveEntry, RewordEntry, AddEntry)) or change.do == "drop":
            by.setdefault(change.entry, set()).add(made.by)
    return found, by


def _reworded(before: Entry, now: Entry | None) -> list[dict[str, Any]]:
    """Return the sentences that left the entry, and those that came."""
    if now is None:
        return []
    old, new = ({line.text: line for line in entry.lines} for entry in (before, now))
    gone = [{"left": text} for text in old if text not in new]
    come = [
        {"came": text, "is_manual": line.is_manual} for text, line in new.items() if text not in old
    ]
    return gone + come
