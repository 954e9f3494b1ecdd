"""Small reports for tests of the atlas, made without a model: rows are named by their text."""

from __future__ import annotations

import re
from typing import Any

JINTANG = {
    "code": "510121", "name": "金堂县", "level": "county", "path": ["四川省", "成都市", "金堂县"],
}  # fmt: skip
PIDU = {
    "code": "510117", "name": "郫都区", "level": "county", "path": ["四川省", "成都市", "郫都区"],
}  # fmt: skip
RATE = "县域内就诊率"
_SENTENCE = re.compile(r"[^。！？\n]+[。！？]?")


def make_row(text: str, printed: str, **cells: Any) -> dict[str, Any]:
    """Return a row on a number that the text has; `official` is a name, or name and match."""
    start = text.index(printed, cells.pop("behind", 0))
    sentence = next(m for m in _SENTENCE.finditer(text) if m.start() <= start < m.end())
    number = float(re.search(r"\d+(?:\.\d+)?", printed).group())  # type: ignore[union-attr]
    official = cells.pop("official", None)
    name, match = official if isinstance(official, tuple) else (official, "exact")
    row = {
        "text": printed, "indicator": name or "", "value": number, "unit": "%", "kind": "level",
        "bound": "", "year": None, "start": start, "end": start + len(printed),
        "sentence": sentence.group(), "speaker": None, "body": None, "base": None,
        "official": {"name": name, "match": match, "note": ""} if name else None, "repeats": [],
    }  # fmt: skip
    return {**row, **cells}


def make_record(text: str, *rows: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Return a report on a text with these rows."""
    return {
        "id": facts.get("id", text[:6]), "source": facts.get("source", "四川日报"),
        "date": facts.get("date", "2024-05-16"), "title": facts.get("title", text[:12]),
        "text": text, "themes": [], "scores": {}, "primary": None, "review": [],
        "figures": list(rows), "summary": {"text": "", "sentences": []}, "warnings": [],
        "model": "m1", "place": facts.get("place", JINTANG), "bodies": facts.get("bodies", []),
    }  # fmt: skip


def make_rate(year: int, printed: str, **facts: Any) -> dict[str, Any]:
    """Return a report that says one county's rate of one year."""
    text = f"{facts.pop('opening', '')}{year}年，金堂县县域内就诊率达到{printed}。"
    cells = {"official": RATE, "year": year, "body": "金堂县", **facts.pop("cells", {})}
    return make_record(text, make_row(text, printed, **cells), **facts)
