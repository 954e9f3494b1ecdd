from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from data.gold import read_gold
from data.labelled import LabelledArticle, LabelledFigure, LabelledSentence
from data.labels.corrections import Correction
from data.labels.files import SUFFIXES, Format, LabelsRead, read_labels, write_labels
from model import InputError

NAMES = {"alliance": "医共体", "smart": "智慧医疗", "tcm": "中医药"}
TEXT = "🏥岭南县组建医共体，派驻医师83名。\n县域内就诊率由82%升到90%，检查结果互认。"
OTHER = "岭南县今年新栽行道树三千棵，街道两旁都绿了起来。"


def correction(**changes: Any) -> Correction:
    at, share = TEXT.index("83名"), TEXT.index("82%")
    first, second = TEXT.index("\n"), len(TEXT)
    labelled = LabelledArticle(
        id="a1",
        text=TEXT,
        source="archive/a.txt",
        themes=frozenset({"alliance"}),
        borderline=frozenset({"smart"}),
        primary="alliance",
        title="岭南",
        date="2024-05-01",
        near=frozenset({"tcm"}),
        sentences=(
            LabelledSentence(0, first, frozenset({"alliance"}), key=True),
            LabelledSentence(first + 1, second, frozenset(), frozenset({"smart"})),
            LabelledSentence(2, 9),
        ),
        complete=False,
        figures=(
            LabelledFigure(
                at, at + 3, "派驻医师", (83.0,), "名", "level", "", 2024, "岭南县", "", "下派人数"
            ),
            LabelledFigure(share, share + 3, "就诊率", (82.0, 90.5), "%", "from", "~", None),
        ),
    )  # fmt: skip
    when = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    return Correction(LabelledArticle(**{**vars(labelled), **changes}), "王", when, "default-1")


PLAIN = correction(
    id="7", text=OTHER, themes=frozenset(), borderline=frozenset(), primary=None, sentences=None,
    figures=None,
)  # fmt: skip


def read(path: Path, content: object) -> LabelsRead:
    lines = content if isinstance(content, list) else [content]
    text = json.dumps(content, ensure_ascii=False) if path.suffix == ".json" else None
    path.write_text(text or "".join(json.dumps(x) + "\n" for x in lines), encoding="utf-8")
    return read_labels(path, NAMES)


@pytest.mark.parametrize("format", SUFFIXES)
def test_a_round_trip_loses_nothing(format: Format, tmp_path: Path) -> None:
    path = tmp_path / f"labels{SUFFIXES[format]}"
    write_labels(path, [correction(), PLAIN], format, NAMES)
    assert read_labels(path, NAMES) == ([correction(), PLAIN], [])
    if format == "jsonl":
        assert [gold.id for gold in read_gold(path, frozenset(NAMES))] == ["a1", "7"]


def change_doccano(row: dict[str, Any]) -> None:
    row["cats"] = ["中医药", "智慧医疗?"]


def change_label_studio(row: dict[str, Any]) -> None:
    row["annotations"][0]["result"][0]["value"]["choices"] = ["中医药", "智慧医疗？"]
    row["annotations"][0]["completed_by"] = {"id": 3, "email": "li@example.org"}


@pytest.mark.parametrize(
    ("format", "change", "by"),
    [("doccano", change_doccano, ""), ("labelstudio", change_label_studio, "li@example.org")],
)
def test_what_was_changed_in_a_tool_holds(
    format: Format, change: Callable[[dict[str, Any]], None], by: str, tmp_path: Path
) -> None:
    path = tmp_path / f"labels{SUFFIXES[format]}"
    write_labels(path, [correction()], format, NAMES)
    row = json.loads(path.read_text(encoding="utf-8"))
    change(row[0] if isinstance(row, list) else row)
    found = read(path, row)
    assert found.problems == []
    (now,) = found.corrections
    # A marked sentence carries its theme into the article; the main theme and figures stay.
    assert now.labelled.themes == {"alliance", "tcm"}
    assert now.labelled.borderline == {"smart"}
    assert now.labelled.primary == "alliance"
    assert now.labelled.figures == correction().labelled.figures
    assert now.by == by


FOREIGN = {
    "doccano text classification": {"id": 1, "text": TEXT, "label": ["医共体"], "Comments": []},
    "doccano sequence labelling": {"id": 1, "text": TEXT, "label": [[1, 5, "医共体"]]},
    "doccano with relations": {
        "id": 1, "text": TEXT, "relations": [],
        "entities": [{"id": 4, "label": "医共体", "start_offset": 1, "end_offset": 5}],
    },
    "doccano intent detection": {"id": 1, "text": TEXT, "cats": ["alliance"], "entities": []},
    "contract": {"id": "x", "text": TEXT, "themes": ["alliance"], "borderline": []},
    "contract with openings": {
        "id": "x", "text": TEXT, "themes": ["alliance"],
        "sentences": {"alliance": ["🏥岭南县组建"]},
    },
    "label studio in brief": {
        "text": TEXT, "id": 5, "themes": "医共体", "annotator": 1, "annotation_id": 9,
        "label": [{"start": 1, "end": 5, "text": "岭南县组", "labels": ["医共体"]}],
    },
}  # fmt: skip


@pytest.mark.parametrize("row", FOREIGN.values(), ids=FOREIGN)
def test_exports_of_others_are_read(row: dict[str, Any], tmp_path: Path) -> None:
    (found,), problems = read(tmp_path / "labels.jsonl", row)
    assert problems == []
    assert found.labelled.themes == {"alliance"}
    assert found.labelled.id != "1"


def test_offsets_in_utf16_units_are_put_right(tmp_path: Path) -> None:
    value = {"start": 2, "end": 5, "text": "岭南县", "labels": ["医共体"]}
    task = {"id": 3, "data": {"text": TEXT}, "annotations": [{"result": [{"value": value}]}]}
    (found,), problems = read(tmp_path / "tasks.json", [task])
    assert problems == []
    (sentence,) = found.labelled.sentences or ()
    assert TEXT[sentence.start : sentence.end] == "岭南县"


BAD: dict[str, tuple[Any, str]] = {
    "unknown": ({"text": TEXT, "themes": ["托育"]}, "没有这个主题：托育"),
    "empty": ({"text": " ", "themes": []}, "没有正文"),
    "no themes": ({"text": TEXT}, "缺少 themes"),
    "themes of a report": ({"text": TEXT, "themes": [{"theme": "smart"}]}, "没有这个主题"),
    "themes no list": ({"text": TEXT, "themes": "smart"}, "主题应写成列表"),
    "english": (
        {"text": "The county hospital opened a clinic. 岭南县医院今年开了门诊部",
         "themes": []}, "不是中文"),
    "short": ({"text": "医共体", "themes": []}, "太短"),
    "span": ({"text": TEXT, "themes": [], "sentences": [{"start": 3, "end": 999}]}, "不在正文里"),
    "figure": ({"text": TEXT, "themes": [], "figures": [
        {"text": "5台", "value": 5, "kind": "level"}]}, "不在正文里"),
    "primary": ({"text": TEXT, "themes": [], "primary": "smart"}, "主要主题"),
    "not a row": ([1], "应为 JSON 对象"),
    "shape": ({"text": TEXT, "themes": [], "figures": [3]}, "数字标注读不懂"),
    "doccano without labels": ({"id": 1, "text": TEXT, "label": []}, "没有标注主题"),
    "doccano shape": ({"id": 1, "text": TEXT, "label": [[1]]}, "内容与它的格式不符"),
    "skipped": ({"data": {"text": TEXT}, "annotations": [{"was_cancelled": True}]}, "跳过"),
    "not annotated": ({"data": {"text": TEXT}, "annotations": []}, "还没有人标注"),
    "another text": (
        {"data": {"text": TEXT}, "annotations": [{"result": [{"value": {
            "start": 1, "end": 3, "text": "别处", "labels": ["医共体"]}}]}]}, "正文可能改过"),
}  # fmt: skip


@pytest.mark.parametrize(("row", "message"), BAD.values(), ids=BAD)
def test_a_bad_row_is_listed_and_the_others_are_read(
    row: dict[str, Any], message: str, tmp_path: Path
) -> None:
    good = {"text": OTHER, "themes": []}
    found = read(tmp_path / "labels.jsonl", [good, row])
    assert len(found.corrections) == 1
    (problem,) = found.problems
    assert message in problem.message
    assert problem.row == "2"


def test_rows_that_repeat_or_contradict_others(tmp_path: Path) -> None:
    first = {"id": "a", "text": TEXT, "themes": []}
    rows = [first, first, {**first, "themes": ["smart"]}, {**first, "text": OTHER}]
    found = read(tmp_path / "labels.jsonl", rows)
    assert len(found.corrections) == 2
    assert [(p.row, p.is_used) for p in found.problems] == [("2", False), ("3", True), ("4", False)]
    doubtful = {"text": "83名", "must": False}
    assert read(tmp_path / "f.jsonl", {**first, "figures": [doubtful]}).problems[0].is_used
    unplaced = {"text": "83名", "value": 83, "kind": "level"}
    placed = {**unplaced, "at": TEXT.index("83名")}
    twice = {"text": TEXT + TEXT, "themes": [], "figures": [unplaced, placed]}
    (article,), (note,) = read(tmp_path / "g.jsonl", twice)
    assert len(article.labelled.figures or ()) == 1
    assert "不止一处" in note.message


def test_one_label_only_and_an_empty_export(tmp_path: Path) -> None:
    rows = [{"text": f"{OTHER}第{i}天", "themes": ["smart"]} for i in range(25)]
    assert "25 行全是同一个标注（智慧医疗）" in str(read(tmp_path / "a.jsonl", rows).problems[0])
    for name, content in (("b.jsonl", ""), ("c.json", "[]"), ("d.json", "")):
        (tmp_path / name).write_text(content)
        assert "没有标注" in read_labels(tmp_path / name, NAMES).problems[0].message


TABLE = (
    ("序号", "正文", "主题", "存疑"),
    (1, TEXT, "医共体；smart", "中医药"),
    (2, OTHER, "无", None),
    (3, OTHER + "又", None, None),
    (4, OTHER + "再", "托育", None),
)


def write_table(path: Path) -> None:
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in TABLE:
            book.active.append(row)
        book.save(path)
    else:
        rows = (",".join(f'"{"" if c is None else c}"' for c in row) for row in TABLE)
        path.write_text("\n".join(rows), encoding="gb18030" if "gbk" in path.name else "utf-8-sig")


@pytest.mark.parametrize("name", ["t.xlsx", "t.csv", "gbk.csv"])
def test_tables(name: str, tmp_path: Path) -> None:
    write_table(tmp_path / name)
    found = read_labels(tmp_path / name, NAMES)
    first, second = (c.labelled for c in found.corrections)
    assert (first.themes, first.borderline) == ({"alliance", "smart"}, {"tcm"})
    assert second.themes == frozenset()
    assert [p.row for p in found.problems] == ["4", "5"]
    assert "请填“无”" in found.problems[0].message


def test_cells_as_other_programs_write_them(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    cells = '"{""choices"": [""医共体"", ""smart""]}"'
    path.write_text(f"id,text,label\n1,{OTHER},{cells}\n2,{OTHER}又,医共体#中医药\n")
    found = read_labels(path, NAMES)
    assert [c.labelled.themes for c in found.corrections] == [
        {"alliance", "smart"}, {"alliance", "tcm"},
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["a.zip", "a.docx", "missing.csv"])
def test_files_that_are_none(name: str, tmp_path: Path) -> None:
    if name != "missing.csv":
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError):
        read_labels(tmp_path / name, NAMES)
    (tmp_path / "t.csv").write_text(f"正文\n{OTHER}")
    with pytest.raises(InputError, match="两列"):
        read_labels(tmp_path / "t.csv", NAMES)
