"""Labels as a workbook: what is exported is read back by the reader of label files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from openpyxl import load_workbook

from data.labelled import LabelledArticle
from data.labels.corrections import Correction
from data.labels.files import read_labels
from serving.output.labels import write_label_sheet
from tests.conftest import ARTICLE

NAMES = {"alliance": "医共体", "talent": "人才"}


def make_correction(text: str, *themes: str) -> Correction:
    labelled = LabelledArticle(
        id="", text=text, source="县报", title="云岭", date="2024-05-16",
        themes=frozenset(themes), primary=themes[0] if themes else None,
    )  # fmt: skip
    return Correction(labelled, "兰", datetime(2026, 5, 1, tzinfo=UTC), "default-1")


def test_exported_labels_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "labels.xlsx"
    made = [make_correction(ARTICLE, "talent", "alliance"), make_correction(ARTICLE * 2)]
    write_label_sheet(path, made, NAMES)
    sheet = load_workbook(path)["标注"]
    assert sheet.freeze_panes
    assert [cell.value for cell in sheet["D"]] == ["主题", "医共体、人才", "无"]
    read = read_labels(path, NAMES)
    assert read.problems == []
    assert [c.labelled.themes for c in read.corrections] == [c.labelled.themes for c in made]
    assert [c.labelled.primary for c in read.corrections] == ["talent", None]
    assert {c.by for c in read.corrections} == {"兰"}
