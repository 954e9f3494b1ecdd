"""Label files of other programs: one reader for training, evaluation and judgement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from data.gold import GoldArticle
from data.labels.answers import read_answers
from data.labels.files import LabelsRead, read_labels
from data.labels.user import read_user_labels
from data.themes import ThemeEntry
from model import InputError

NAMES = {"alliance": "医共体", "smart": "智慧医疗", "tcm": "中医药"}
TEXT = "岭南县组建医共体，县域内就诊率升到九成，检查结果互认。"
OTHER = "岭南县今年新栽行道树三千棵，街道两旁都绿了起来。"


def read_json(path: Path, content: object) -> LabelsRead:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return read_labels(path, NAMES)


def themes_of(found: LabelsRead) -> list[set[str]]:
    assert found.problems == []
    return [set(c.labelled.themes) for c in found.corrections]


DOCCANO: dict[str, dict[str, Any]] = {
    "text as data": {"id": 1, "data": TEXT, "label": ["医共体", "smart"]},
    "text as data, one label": {"id": 1, "data": TEXT, "label": "医共体#智慧医疗"},
    "labels": {"id": 1, "text": TEXT, "labels": ["医共体", "智慧医疗"]},
    "stretches as labels": {
        "id": 1, "text": TEXT, "labels": [[0, 8, "医共体"], [9, 18, "智慧医疗"]],
    },
}  # fmt: skip


@pytest.mark.parametrize("row", DOCCANO.values(), ids=DOCCANO)
def test_older_exports_of_doccano(tmp_path: Path, row: dict[str, Any]) -> None:
    assert themes_of(read_json(tmp_path / "a.jsonl", row)) == [{"alliance", "smart"}]


@pytest.mark.parametrize("control", ["themes", "choice", "sentiment", "主题分类"])
@pytest.mark.parametrize(
    ("chosen", "themes"),
    [
        ("医共体", {"alliance"}),
        ("无", set()),
        (["医共体", "中医药"], {"alliance", "tcm"}),
        ({"choices": ["医共体", "中医药"]}, {"alliance", "tcm"}),
    ],
)
def test_label_studio_in_brief(
    tmp_path: Path, control: str, chosen: object, themes: set[str]
) -> None:
    task = {"id": 5, "text": TEXT, control: chosen, "annotator": 2, "annotation_id": 9}
    found = read_json(tmp_path / "a.json", [task])
    assert themes_of(found) == [themes]
    assert found.corrections[0].by == "2"


def test_a_table_of_label_studio_with_a_control_of_any_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    cells = '"{""choices"":[""医共体"",""smart""]}"'
    path.write_text(
        f"annotation_id,annotator,id,question,text\n1,7,1,{cells},{TEXT}\n2,7,2,无,{OTHER}\n"
    )
    found = read_labels(path, NAMES)
    assert themes_of(found) == [{"alliance", "smart"}, set()]
    assert [c.by for c in found.corrections] == ["7", "7"]


ARGILLA: dict[str, dict[str, Any]] = {
    "2": {
        "id": "8", "fields": {"text": TEXT}, "suggestions": {},
        "responses": {"topics": [
            {"value": ["医共体"], "user_id": "u1", "status": "submitted"},
            {"value": ["中医药"], "user_id": "u2", "status": "discarded"},
        ]},
    },
    "2, by person": {
        "fields": {"正文": TEXT},
        "responses": [{"user_id": "u1", "values": {"topics": {"value": "医共体"}}}],
    },
    "flat": {"text": TEXT, "topics.responses": ["医共体"]},
    "flat, by person": {"text": TEXT, "topics.responses": [["医共体"]]},
    "1": {"inputs": {"text": TEXT}, "annotation": ["医共体"], "multi_label": True},
    "1, one label": {"inputs": TEXT, "annotation": "医共体"},
}  # fmt: skip


@pytest.mark.parametrize("row", ARGILLA.values(), ids=ARGILLA)
def test_records_of_argilla(tmp_path: Path, row: dict[str, Any]) -> None:
    assert themes_of(read_json(tmp_path / "a.jsonl", row)) == [{"alliance"}]


def test_a_record_of_argilla_without_answers(tmp_path: Path) -> None:
    found = read_json(tmp_path / "a.jsonl", {"fields": {"text": TEXT}, "responses": {}})
    assert "还没有人标注" in found.problems[0].message


@pytest.mark.parametrize(
    ("cell", "sure", "edge"),
    [
        ("医共体 中医药", {"alliance", "tcm"}, set()),
        ("医共体　智慧医疗?", {"alliance"}, {"smart"}),
        ("【医共体】", {"alliance"}, set()),
        ("【医共体】【中医药】", {"alliance", "tcm"}, set()),
        ("医共体，（中医药）", {"alliance", "tcm"}, set()),
        ("《智慧医疗？》", set(), {"smart"}),
        ("Smart", {"smart"}, set()),
        ("【无】", set(), set()),
    ],
)
def test_labels_as_people_write_them(
    tmp_path: Path, cell: str, sure: set[str], edge: set[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'正文,主题\n{TEXT},"{cell}"\n', encoding="utf-8")
    found = read_labels(path, NAMES)
    assert themes_of(found) == [sure]
    assert found.corrections[0].labelled.borderline == edge


def test_a_theme_whose_name_has_a_blank_is_not_torn(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"正文,主题\n{TEXT},互联网 医院\n{OTHER},托育 医院\n", encoding="utf-8")
    found = read_labels(path, {"web": "互联网 医院"})
    assert [set(c.labelled.themes) for c in found.corrections] == [{"web"}]
    assert "没有这个主题：托育 医院" in found.problems[0].message


def write_table(path: Path, rows: list[list[object]]) -> None:
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        lines = (",".join("" if c is None else str(c) for c in row) for row in rows)
        path.write_text("\n".join(lines), encoding="gbk")


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_column_for_each_theme(tmp_path: Path, suffix: str) -> None:
    rows: list[list[object]] = [
        ["标注表", None, None, None, None],
        ["文章编号", "文章正文", "医共体", "smart", "中医药（0/1）"],
        ["a", TEXT, 1, 0, None],
        ["b", TEXT + "甲", "√", "?", "是"],
        ["c", OTHER, "否", 0, "×"],
        ["d", OTHER + "乙", None, None, None],
        ["e", OTHER + "丙", "也许", None, None],
    ]
    write_table(tmp_path / f"a{suffix}", rows)
    found = read_labels(tmp_path / f"a{suffix}", NAMES)
    labelled = [c.labelled for c in found.corrections]
    assert [(a.id, a.themes, a.borderline) for a in labelled] == [
        ("a", {"alliance"}, set()),
        ("b", {"alliance", "tcm"}, {"smart"}),
        ("c", set(), set()),
    ]
    assert [(p.row, p.is_used) for p in found.problems] == [("6", False), ("7", False)]
    assert "也许" in found.problems[1].message


def test_a_refused_row_or_table_names_what_it_has(tmp_path: Path) -> None:
    found = read_json(tmp_path / "a.jsonl", {"text": TEXT, "类型": "医共体"})
    assert "这一行有：text、类型" in found.problems[0].message
    write_table(tmp_path / "a.csv", [["三月标注"], ["正文", "备注"], [TEXT, "好"]])
    with pytest.raises(InputError, match="现在是：正文、备注"):
        read_labels(tmp_path / "a.csv", NAMES)


def test_a_broken_csv_row_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'主题,正文\n无,{OTHER}\n医共体,"{TEXT}\n无,{OTHER}甲\n无,一,二\n')
    found = read_labels(path, NAMES)
    assert [c.labelled.text for c in found.corrections] == [OTHER, OTHER + "甲"]
    assert [p.row for p in found.problems] == ["3", "5"]


def test_one_reader_for_training_and_evaluation(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_table(path, [["正文", "医共体", "智慧医疗"], [TEXT, 1, 0], [OTHER, 0, 0]])
    themes = [ThemeEntry(key, name, "") for key, name in NAMES.items()]
    trained = read_user_labels([path], themes).articles
    evaluated = read_answers(path, NAMES)
    assert [(a.text, a.themes) for a in trained] == [(g.text, g.themes) for g in evaluated]
    assert [g.themes for g in evaluated] == [{"alliance"}, set()]


def test_gold_keeps_what_labels_have_no_room_for(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    row = {"id": "g", "text": TEXT, "themes": ["alliance"], "summary": TEXT[:9], "figures": []}
    path.write_text(json.dumps(row) + "\n")
    (gold,) = read_answers(path, NAMES)
    assert isinstance(gold, GoldArticle)
    assert (gold.summary, gold.figures) == (TEXT[:9], ())


def test_labels_that_cannot_be_used_stop_an_evaluation(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"正文,主题\n{TEXT},医共体\n{OTHER},托育\n")
    with pytest.raises(InputError, match="第 3 行：没有这个主题：托育"):
        read_answers(path, NAMES)
