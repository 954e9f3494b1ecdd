"""The sheet tells nothing of who wrote a summary, and the answers are counted by system."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.judging import LEAD, REFERENCE, Share, count_answers, list_items, write_sheet
from model import InputError

TEXT = "磐安县人民医院新添床位300张，明年启用。医生下乡坐诊</script>，看病120人次。" * 5


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.jsonl"
    rows = [{"id": f"a{i}", "text": TEXT, "summary": f"参考摘要{i}。"} for i in range(5)]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    path = tmp_path / "reports.jsonl"
    rows: list[dict[str, object]] = [
        {"id": f"a{i}", "summary": {"text": f"我们的摘要{i}。"}} for i in range(4)
    ]
    rows.append({"id": "a4", "error": "太短"})
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_a_sheet_is_blind_and_its_answers_are_counted(
    data: Path, reports: Path, tmp_path: Path
) -> None:
    items = list_items(data, {"医闻": reports}, n_articles=3, seed=1)
    assert len(items) == 9
    sheet = tmp_path / "sheet.html"
    write_sheet(items, sheet)
    page = sheet.read_text(encoding="utf-8")
    assert "医闻" not in page
    assert page.count("</script>") == 1  # the article's own is escaped
    answers = tmp_path / "answers.json"
    own = {item.id: {"filed": item.system == REFERENCE, "main": True} for item in items}
    answers.write_text(json.dumps(own), encoding="utf-8")
    shares = {(s.system, s.question): (s.n_yes, s.n) for s in count_answers(sheet, [answers] * 2)}
    assert shares["医闻", "filed"] == (0, 6)
    assert shares[REFERENCE, "filed"] == (6, 6)
    assert shares[LEAD, "main"] == (6, 6)


def test_an_interval_holds_the_share() -> None:
    low, high = Share("医闻", "filed", 28, 40).interval
    assert 0.54 < low < 0.7 < high < 0.82


def test_no_common_article_is_refused(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"id": "x", "summary": "别的。"}), encoding="utf-8")
    with pytest.raises(InputError):
        list_items(data, {"医闻": other}, n_articles=3, seed=1)
