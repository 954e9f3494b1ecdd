"""Label files: corrections out and labels in, whatever program they come from.

Out: JSON Lines (`data.labels.rows`), doccano, Label Studio. In: these three as they come back,
records of Argilla, JSON Lines in the contract of gold articles, CSV and XLSX with the columns 正文
and 主题, or with a column for each theme. The one reader of label files, for training, for
evaluation and for the judgement of a version.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from data.corpus.import_real import to_pointer
from data.corpus.pointers import to_article
from data.corpus.texts import strip_lead
from data.labels.annotation_tools import (
    from_doccano,
    from_label_studio,
    is_doccano,
    is_label_studio,
    to_doccano,
    to_label_studio,
)
from data.labels.argilla import from_argilla, is_argilla
from data.labels.corrections import Correction
from data.labels.rows import ThemeLabels, read_row, write_row
from data.labels.tables import read_label_csv, read_label_xlsx
from data.readers.document import Document, buffer
from data.readers.tables.jsonl import read_json_rows
from model import InputError

Format = Literal["jsonl", "doccano", "labelstudio"]
SUFFIXES = {"jsonl": ".jsonl", "doccano": ".jsonl", "labelstudio": ".json"}
READABLE = (".jsonl", ".json", ".csv", ".tsv", ".txt", ".xlsx")
ONE_LABEL_ROWS = 20
# What reading a row of another shape than it claims raises.
_OTHER_SHAPE = (TypeError, ValueError, KeyError, AttributeError)


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with a row, in Chinese; `row` is its number in the file, empty for all of it.

    `is_used` says that the row, or the rest of it, was taken all the same.
    """

    row: str
    message: str
    is_used: bool = False

    def __str__(self) -> str:
        place = f"第 {self.row} 行：" if self.row else ""
        return f"{place}{self.message}" + ("" if self.is_used or not self.row else "。未采用")


class LabelsRead(NamedTuple):
    """The rows that can be used, in order, and every problem."""

    corrections: list[Correction]
    problems: list[RowProblem]


def write_labels(
    path: Path, corrections: Sequence[Correction], format: Format, names: Mapping[str, str]
) -> None:
    """Write corrections to a file that `read_labels` gives back as they are.

    Args:
        path: a file, whose suffix should be `SUFFIXES[format]`.
        corrections: what to write.
        format: whose format it is.
        names: the Chinese name of every theme, by key: what people see in the tools.
    """
    rows = [write_row(correction) for correction in corrections]
    if format == "labelstudio":
        tasks = [to_label_studio(row, names, n) for n, row in enumerate(rows, 1)]
        path.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return
    if format == "doccano":
        rows = [to_doccano(row, names) for row in rows]
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")


def read_labels(path: Path, names: Mapping[str, str]) -> LabelsRead:
    """Read labels from a file of any of the formats above.

    Args:
        path: the file.
        names: the Chinese name of every theme that a label may name, by key.

    Raises:
        InputError: it cannot be opened, or is in none of the formats.
    """
    at = _time_of(path)
    places: list[str] = []
    corrections: list[Correction] = []
    problems: list[RowProblem] = []
    for place, row in _read_rows(path, names):
        for found in _take(row, names, at):
            if isinstance(found, InputError):
                problems.append(RowProblem(place, str(found)))
                continue
            correction, notes = found
            problems += [RowProblem(place, note, is_used=True) for note in notes]
            corrections.append(correction)
            places.append(place)
    if not corrections and not problems:
        problems.append(RowProblem("", "文件里没有标注：请确认导出时选了已标注的文章"))
    return _check_together(corrections, places, problems, names)


def _take(
    row: Any, names: Mapping[str, str], at: datetime
) -> list[tuple[Correction, tuple[str, ...]] | InputError]:
    """Return the corrections of one row of a file, each checked, or why there is none."""
    try:
        if isinstance(row, InputError):
            raise row
        found = _to_label_rows(row, ThemeLabels(names))
    except InputError as error:
        return [error]
    except _OTHER_SHAPE as error:
        return [_refuse_shape(error)]
    return [_check(part, names, at) for part in found]


def _check(
    row: dict[str, Any] | InputError, names: Mapping[str, str], at: datetime
) -> tuple[Correction, tuple[str, ...]] | InputError:
    if isinstance(row, InputError):
        return row
    try:
        return read_row(row, names, at)
    except InputError as error:
        return error
    except _OTHER_SHAPE as error:
        return _refuse_shape(error)


def _refuse_shape(error: Exception) -> InputError:
    return InputError(f"内容与它的格式不符（{type(error).__name__}：{error!s:.60}）")


def _time_of(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    except OSError as error:
        raise InputError(f"{path.name} 无法读取：{error.strerror}") from None


def _read_rows(path: Path, names: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield what a file holds row by row, each with its number, or why it cannot be read."""
    suffix = path.suffix.lower()
    if suffix not in READABLE:
        hint = "请先解压" if suffix == ".zip" else f"可用 {'、'.join(READABLE)}"
        raise InputError(f"标注文件不能是 {suffix or '无扩展名'} 文件，{hint}")
    with buffer(path.open("rb", buffering=0)) as stream:
        document = Document(stream, path.name, str(path), suffix)
        if suffix == ".xlsx":
            yield from read_label_xlsx(document, names)
        elif suffix in (".csv", ".tsv"):
            yield from read_label_csv(document, names)
        elif document.head.strip():
            yield from ((str(number), row) for number, row in read_json_rows(document))


def _to_label_rows(row: Any, labels: ThemeLabels) -> list[dict[str, Any] | InputError]:
    if not isinstance(row, dict):
        raise InputError('应为 JSON 对象，如 {"text": "正文", "themes": ["smart"]}')
    if is_label_studio(row):
        return from_label_studio(row, labels)
    if is_argilla(row):
        return from_argilla(row, labels)
    if is_doccano(row):
        return [from_doccano(row, labels)]
    if isinstance(row.get("sentences"), dict):
        return [_from_contract(row, labels)]
    return [row]


def _from_contract(row: dict[str, Any], labels: ThemeLabels) -> dict[str, Any]:
    """Turn a row whose sentences are named by their openings into a label row."""
    defaults: dict[str, Any] = {"borderline": [], "primary": None, "borderline_sentences": {}}
    pointer = to_pointer(defaults | row)
    article = to_article(pointer, strip_lead(row["text"]))
    labels.resolve([*article.themes, *article.borderline])
    return write_row(Correction(article, "", datetime.now().astimezone())) | {"at": row.get("at")}


def _check_together(
    corrections: Sequence[Correction],
    places: Sequence[str],
    problems: Sequence[RowProblem],
    names: Mapping[str, str],
) -> LabelsRead:
    """Find rows that repeat or contradict others, and a file that teaches one thing only."""
    kept: list[Correction] = []
    found = list(problems)
    by_text: dict[str, int] = {}
    by_id: dict[str, int] = {}
    for i, correction in enumerate(corrections):
        labelled = correction.labelled
        same = corrections[by_text.setdefault(labelled.text, i)]
        other = corrections[by_id.setdefault(labelled.id, i)]
        if other.labelled.text != labelled.text:
            place = places[by_id[labelled.id]]
            message = f"编号 {labelled.id} 与第 {place} 行相同而正文不同，请改用不同的编号"
            found.append(RowProblem(places[i], message))
            continue
        if same is not correction and same == correction:
            place = places[by_text[labelled.text]]
            found.append(RowProblem(places[i], f"与第 {place} 行完全相同，只算一次"))
            continue
        if same.labelled.themes != labelled.themes:
            place = places[by_text[labelled.text]]
            message = f"与第 {place} 行是同一篇文章而主题不同，请核对哪个对"
            found.append(RowProblem(places[i], message, is_used=True))
        kept.append(correction)
    return LabelsRead(kept, [*found, *_warn_of_one_label(kept, names)])


def _warn_of_one_label(
    corrections: Sequence[Correction], names: Mapping[str, str]
) -> list[RowProblem]:
    labels = {correction.labelled.themes for correction in corrections}
    if len(corrections) < ONE_LABEL_ROWS or len(labels) > 1:
        return []
    shown = "、".join(names[key] for key in sorted(labels.pop())) or "无主题"
    message = (
        f"{len(corrections):,} 行全是同一个标注（{shown}）：只有它，模型学不会分辨；"
        "请再加些标了别的主题和没有主题的文章"
    )
    return [RowProblem("", message, is_used=True)]
