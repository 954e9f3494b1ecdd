"""Rows of the annotation tools doccano and Label Studio, to and from label rows.

doccano exports JSON Lines (or a JSON array) by project type; text classification gives
`{"id": 1, "text": "…", "label": ["医共体"]}`, sequence labelling `"label": [[0, 9, "医共体"]]`,
with relations `"entities": [{"label": …, "start_offset": 0, "end_offset": 9}]`, intent detection
`"cats": ["医共体"], "entities": [[0, 9, "医共体"]]`; what a row held besides when it was uploaded
comes back beside these; older releases call the text `data` or the labels `labels`
(doccano, `backend/data_export/pipeline/factories.py`,
`formatters.py` and `models.py`). We write the last of these, which has room for both.

Label Studio exports a JSON array of tasks, `{"data": {"text": "…"}, "annotations": [{"result": [
{"type": "choices", "value": {"choices": ["医共体"]}}, {"type": "labels", "value": {"start": 0,
"end": 9, "text": "…", "labels": ["医共体"]}}], "completed_by": 1, "was_cancelled": false,
"updated_at": "…"}]}` (labelstud.io, guide "Label Studio Task Format"), or JSON_MIN, in which each
tag is an entry of its own: `{"text": "…", "themes": {"choices": […]}, "label": [{"start": …}]}`
(guide "Export annotations"). Its offsets were UTF-16 units in some releases (issue 1347), so a
region's own text decides.

Both keep what they do not know, so a row that we wrote carries the whole label row as `yiwen`; it
holds for as long as the marks that a person sees in the tool are as we wrote them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from data.labels.rows import EDGE, ThemeLabels, check_span, is_none, split_edge
from data.readers.tables.rows import COLUMNS
from model import InputError

OURS = "yiwen"
NONE, KEY, FIGURE = "无", "摘要句", "数字"
_DOCCANO = ("cats", "entities", "label", "labels")
# What JSON_MIN holds besides the answers: the article, and who answered when.
_FIELDS = frozenset({name for names in COLUMNS.values() for name in names}) | {
    "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement",
}  # fmt: skip
Row = dict[str, Any]
Place = tuple[int, int]


@dataclass(frozen=True)
class Marks:
    """What a person sees and changes in a tool: themes of the whole, and marked stretches.

    Themes are keys, with `?` where borderline; a stretch may also be `摘要句` or `数字`. `is_none`
    says that somebody wrote down that there is no theme.
    """

    whole: frozenset[str]
    spans: frozenset[tuple[int, int, str]]
    is_none: bool = False


def to_doccano(row: Row, names: Mapping[str, str]) -> Row:
    """Turn a label row into one to upload to doccano, project "intent detection"."""
    marks = _marks_of(row)
    return {
        "id": row["id"],
        "text": row["text"],
        "cats": _show_whole(marks, names),
        "entities": [[start, end, _show(t, names)] for start, end, t in sorted(marks.spans)],
        OURS: _without_text(row),
    }


def to_label_studio(row: Row, names: Mapping[str, str], number: int) -> Row:
    """Turn a label row into a task with its annotation."""
    marks, text = _marks_of(row), row["text"]
    results = [_result("themes", "choices", {"choices": _show_whole(marks, names)})]
    for start, end, token in sorted(marks.spans):
        value = {"start": start, "end": end, "text": text[start:end]}
        results.append(_result("label", "labels", {**value, "labels": [_show(token, names)]}))
    return {
        "id": number,
        "data": {"id": row["id"], "text": text, "title": row["title"], OURS: _without_text(row)},
        "annotations": [
            {"id": number, "result": results, "was_cancelled": False, "created_at": row["at"]}
        ],
    }


def _result(control: str, kind: str, value: Row) -> Row:
    return {"from_name": control, "to_name": "text", "type": kind, "value": value}


def is_doccano(row: Mapping[str, Any]) -> bool:
    """Whether a row is doccano's."""
    return "themes" not in row and any(key in row for key in _DOCCANO)


def is_label_studio(row: Mapping[str, Any]) -> bool:
    """Whether a row is a task of Label Studio, in full or in brief."""
    return isinstance(row.get("data"), dict) or "annotation_id" in row


def from_doccano(row: Row, labels: ThemeLabels) -> Row:
    """Turn a row that doccano exported into a label row.

    Raises:
        InputError: a label is unknown, a stretch is not in the text, or there are no labels.
    """
    given = [label for key in ("cats", "label", "labels") for label in _as_list(row.get(key))]
    row = {**row, "text": _find_text(row)}
    spans = [_stretch(mark) for mark in given if not isinstance(mark, str)]
    spans += [_stretch(mark) for mark in _as_list(row.get("entities"))]
    marks = _read_marks([mark for mark in given if isinstance(mark, str)], spans, labels)
    return _merge(row, row.get(OURS), marks)


def from_label_studio(task: Row, labels: ThemeLabels) -> list[Row | InputError]:
    """Turn a task into label rows, one for each person who annotated it, or why there is none."""
    if not isinstance(task.get("data"), dict):
        task = _from_brief(task, labels)
    annotations = task.get("annotations") or ()
    found = [_read_annotation(task["data"], annotation, labels) for annotation in annotations]
    return found or [InputError("这条任务还没有人标注")]


def _read_annotation(data: Row, annotation: Row, labels: ThemeLabels) -> Row | InputError:
    try:
        return _to_row(data, annotation, labels)
    except InputError as error:
        return error


def _to_row(data: Row, annotation: Row, labels: ThemeLabels) -> Row:
    if annotation.get("was_cancelled"):
        raise InputError("标注人跳过了这条任务")
    row = {**data, "text": _find_text(data)}
    values = [result.get("value") or {} for result in annotation.get("result") or ()]
    whole = [choice for value in values for choice in value.get("choices") or ()]
    spans = [
        (*_locate(value, row["text"]), label)
        for value in values
        for label in value.get("labels") or ()
    ]
    merged = _merge(row, data.get(OURS), _read_marks(whole, spans, labels))
    when = annotation.get("updated_at") or annotation.get("created_at")
    return {"by": _name_of(annotation.get("completed_by")), "at": when} | merged


def _from_brief(row: Row, labels: ThemeLabels) -> Row:
    """Lay a row of JSON_MIN out as a full task; its controls may have any name."""
    values: list[Row] = []
    for name, cell in row.items():
        if isinstance(cell, dict) and "choices" in cell:
            values.append(cell)
        elif isinstance(cell, list):
            values += [part for part in cell if isinstance(part, dict) and "labels" in part]
            values.append({"choices": [part for part in cell if _is_choice(name, part, labels)]})
        elif _is_choice(name, cell, labels):
            values.append({"choices": labels.part(cell)})
    results = [{"value": value} for value in values]
    keys = ("updated_at", "created_at")
    annotation = {"result": results, "completed_by": row.get("annotator")}
    return {"data": row, "annotations": [annotation | {k: row[k] for k in keys if k in row}]}


def _is_choice(name: str, cell: object, labels: ThemeLabels) -> bool:
    """Whether a cell of JSON_MIN is what was chosen: in `themes` whatever stands there."""
    if not isinstance(cell, str) or name in _FIELDS:
        return False
    parts = labels.part(cell)
    return name == "themes" or (bool(parts) and all(labels.find(p) or is_none(p) for p in parts))


def _find_text(data: Row) -> object:
    named = (data.get(name) for name in (*COLUMNS["text"], "data"))
    return next((text for text in named if isinstance(text, str)), None)


def _name_of(who: Any) -> str:
    return str(who.get("email") or who.get("id") or "") if isinstance(who, dict) else str(who or "")


def _locate(value: Row, text: Any) -> Place:
    """Return a region's place in characters, whichever way its offsets were counted."""
    start: int = value["start"]
    end: int = value["end"]
    check_span(start, min(end, len(text)), text)
    said = str(value.get("text", text[start:end]))
    units = text.encode("utf-16-le")
    ends = [len(units[: 2 * i].decode("utf-16-le", "ignore")) for i in (start, end)]
    for place in ((start, end), (ends[0], ends[1])):
        if _plain(text[slice(*place)]) == _plain(said):
            return place
    raise InputError(f"位置 {start}–{end} 处不是标注的文字“{said[:20]}”，正文可能改过")


def _plain(text: str) -> str:
    return "".join(text.replace("\\n", "").split())


def _as_list(cell: Any) -> list[Any]:
    if cell is None:
        return []
    return cell.split("#") if isinstance(cell, str) else list(cell)


def _stretch(mark: Any) -> tuple[int, int, str]:
    if isinstance(mark, dict):
        return mark["start_offset"], mark["end_offset"], mark["label"]
    start, end, label = mark
    return start, end, label


def _read_marks(
    whole: Iterable[str], spans: Iterable[tuple[int, int, str]], labels: ThemeLabels
) -> Marks:
    whole = [label.strip() for label in whole]
    found = set()
    for start, end, label in spans:
        own = label.strip() in (KEY, FIGURE)
        tokens = [label.strip()] if own else labels.resolve([label])
        found |= {(start, end, token) for token in tokens}
    return Marks(labels.resolve(whole), frozenset(found), any(map(is_none, whole)))


def _marks_of(row: Row) -> Marks:
    """Return the marks that a label row is shown with."""
    spans = {
        (s["start"], s["end"], token)
        for s in row.get("sentences") or ()
        for token in (*s["themes"], *(t + EDGE for t in s["borderline"]), *[KEY] * s["key"])
    }
    spans |= {(f["at"], f["at"] + len(f["text"]), FIGURE) for f in row.get("figures") or ()}
    whole = frozenset((*row["themes"], *(t + EDGE for t in row["borderline"])))
    return Marks(whole, frozenset(spans), is_none=not whole)


def _show_whole(marks: Marks, names: Mapping[str, str]) -> list[str]:
    return [_show(token, names) for token in sorted(marks.whole)] or [NONE]


def _show(token: str, names: Mapping[str, str]) -> str:
    key = token.removesuffix(EDGE)
    return names.get(key, key) + EDGE * token.endswith(EDGE)


def _without_text(row: Row) -> Row:
    return {key: value for key, value in row.items() if key != "text"}


def _merge(row: Row, ours: Any, marks: Marks) -> Row:
    """Return the label row that we wrote, with the marks as they are now."""
    base = {**ours, "text": row.get("text")} if isinstance(ours, dict) else None
    if base and _marks_of(base) == marks:
        return base
    themes_marked = {t for _, _, t in marks.spans if t not in (KEY, FIGURE)}
    if not marks.whole | themes_marked and not marks.is_none:
        raise InputError(f"没有标注主题；如果确实没有主题，请标为“{NONE}”")
    sure, edge = split_edge(marks.whole | themes_marked)
    if base:  # somebody changed it since
        kept = {k: v for k, v in base.items() if k not in ("by", "at")}
    else:
        kept = {k: v for k, v in row.items() if k not in _TOOLS} | {"complete": False}
        kept["id"] = own_id(row.get("id"))
    return {
        **kept,
        "themes": sorted(sure),
        "borderline": sorted(edge),
        "primary": kept.get("primary") if kept.get("primary") in sure else None,
        "sentences": _sentences(marks),
        "figures": _figures(marks, kept, row.get("text")),
    }


def own_id(value: object) -> str:
    """Return an id that names an article anywhere: a mere number is a place in one table."""
    name = str(value or "").strip()
    return "" if name.isdecimal() else name


# What a tool's row has under names that mean something else to us.
_TOOLS = frozenset({"cats", "entities", "label", "themes", "sentences", "figures", "primary", OURS})


def _sentences(marks: Marks) -> list[Row] | None:
    tokens: dict[Place, set[str]] = defaultdict(set)
    for start, end, token in marks.spans:
        if token != FIGURE:
            tokens[start, end].add(token)
    rows = []
    for (start, end), found in sorted(tokens.items()):
        sure, edge = split_edge(found - {KEY})
        themes = {"themes": sorted(sure), "borderline": sorted(edge)}
        rows.append({"start": start, "end": end, **themes, "key": KEY in found})
    return rows or None


def _figures(marks: Marks, kept: Row, text: Any) -> list[Row] | None:
    """Return the figures that are marked; a new one lacks what only we can ask for."""
    known = {(f["at"], f["text"]): f for f in kept.get("figures") or ()}
    places = sorted((start, end) for start, end, token in marks.spans if token == FIGURE)
    new = [{"at": start, "text": text[start:end], "must": False} for start, end in places]
    return [known.get((f["at"], f["text"]), f) for f in new] or None
