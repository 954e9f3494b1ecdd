"""Records of the annotation tool Argilla, to label rows.

Its releases export three shapes: `{"fields": {"text": …}, "responses": {"themes": [{"value":
["医共体"], "user_id": …, "status": "submitted"}]}}` (2.x), the same laid flat by `datasets`,
`{"text": …, "label.responses": ["医共体"]}`, and `{"inputs": {"text": …}, "annotation": […]}`
(1.x).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from data.labels.annotation_tools import Row, own_id
from data.labels.rows import ThemeLabels
from data.readers.tables.rows import COLUMNS
from model import InputError

_RESPONSES = ".responses"
_DONE = frozenset({"submitted", None})


def is_argilla(row: Mapping[str, Any]) -> bool:
    """Whether a row is a record of Argilla."""
    has_fields = isinstance(row.get("fields"), dict) and "responses" in row
    has_inputs = isinstance(row.get("inputs"), (dict, str)) and "annotation" in row
    return has_fields or has_inputs or any(key.endswith(_RESPONSES) for key in row)


def from_argilla(row: Row, labels: ThemeLabels) -> list[Row | InputError]:
    """Turn a record into label rows, one for each person who answered, or say why there is none."""
    text = _find_text(row)
    found: dict[str, list[str]] = {}
    for who, value in _answers(row):
        found.setdefault(who, []).extend(_as_labels(value, labels))
    if not found:
        return [InputError("这条记录还没有人标注")]
    kept = {key: row[key] for key in ("title", "date") if isinstance(row.get(key), str)}
    name = own_id(row.get("id"))
    return [
        {**kept, "id": name, "text": text, "themes": themes, "by": who, "complete": False}
        for who, themes in found.items()
    ]


def _find_text(row: Row) -> object:
    for part in (row.get("fields"), row.get("inputs"), row):
        if isinstance(part, str):
            return part
        if isinstance(part, dict):
            text = next((part[n] for n in COLUMNS["text"] if isinstance(part.get(n), str)), None)
            if text is not None:
                return text
    return None


def _answers(row: Row) -> Iterator[tuple[str, Any]]:
    """Yield who answered, where it is known, and with what."""
    responses = row.get("responses")
    if isinstance(responses, dict):
        yield from _submitted(a for answers in responses.values() for a in answers or ())
    elif isinstance(responses, list):  # one entry a person, values by question
        for response in responses:
            values = response.get("values") or {}
            parts = (
                {**part, "user_id": response.get("user_id"), "status": response.get("status")}
                for part in values.values()
            )
            yield from _submitted(parts)
    if row.get("annotation") is not None:
        yield str(row.get("annotation_agent") or ""), row["annotation"]
    for key, value in row.items():
        if key.endswith(_RESPONSES) and value is not None:
            # One answer a person, or, of one person, the labels themselves.
            several = (
                value if isinstance(value, list) and any(_is_list(v) for v in value) else [value]
            )
            yield from (
                (str(n) if len(several) > 1 else "", one) for n, one in enumerate(several, 1)
            )


def _submitted(answers: Any) -> Iterator[tuple[str, Any]]:
    for answer in answers:
        if answer.get("status") in _DONE and answer.get("value") is not None:
            yield str(answer.get("user_id") or ""), answer["value"]


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _as_labels(value: Any, labels: ThemeLabels) -> list[str]:
    return labels.part(value) if isinstance(value, str) else [str(label) for label in value]
