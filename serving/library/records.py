"""What the library notes of a report beside its JSON: day, themes, place."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model import InputError
from serving.output.tables import drop_unwritable

Record = dict[str, Any]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LISTS = ("themes", "figures", "warnings")


@dataclass(frozen=True)
class NotedReport:
    """A report's searchable facts; `content` is its JSON without the text."""

    name: str
    title: str
    text: str
    date: str
    source: str
    model: str
    themes: str
    primary: str
    place: str
    place_path: str
    content: str

    @property
    def digest(self) -> str:
        """What tells this article from others: its text and its source."""
        return hash_text(f"{self.text}\0{self.source}")

    def day(self, added_at: datetime) -> str:
        """Return the article's date, or the local day of its arrival."""
        return self.date or added_at.astimezone().date().isoformat()


def note_report(record: Mapping[str, Any]) -> NotedReport:
    """Read a report as it is in JSON.

    Raises:
        InputError: it is none, or something that every report has is missing.
    """
    if not _is_report(record):
        raise InputError("不是医闻的报告：应有 text、themes、figures、summary")
    place = record.get("place") or {}
    date = str(record.get("date") or "")
    return NotedReport(
        name=str(record.get("id") or ""),
        title=drop_unwritable(str(record.get("title") or "")),
        text=record["text"],
        date=date[:10] if _DAY.match(date) else "",
        source=str(record.get("source") or ""),
        model=str(record.get("model") or ""),
        themes="".join(f"|{theme['theme']}" for theme in record["themes"]) + "|",
        primary=str(record.get("primary") or ""),
        place=str(place.get("code") or ""),
        place_path=_join_path(place),
        content=dump_record(record),
    )


def dump_record(record: Mapping[str, Any]) -> str:
    """Return a report as JSON without its text, which the article has."""
    kept = {key: value for key, value in record.items() if key not in ("text", "cluster")}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def load_record(content: str, text: str) -> Record:
    """Return the report that `dump_record` wrote."""
    record: Record = json.loads(content)
    return {**record, "text": text}


def hash_text(text: str) -> str:
    """Return the SHA-256 of a text, half surrogates included."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _is_report(record: Mapping[str, Any]) -> bool:
    summary = record.get("summary")
    return (
        isinstance(record.get("text"), str)
        and all(isinstance(record.get(key), list) for key in _LISTS)
        and isinstance(summary, Mapping)
        and isinstance(summary.get("text"), str)
        and isinstance(summary.get("sentences"), list)
    )


def _join_path(place: Mapping[str, Any]) -> str:
    path = place.get("path") or place.get("name") or ""
    return path if isinstance(path, str) else "/".join(map(str, path))
