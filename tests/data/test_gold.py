from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.gold import GoldFigure, read_gold, read_gold_articles
from data.themes import read_themes
from model import InputError

KEYS = frozenset({"smart", "talent"})
FIGURE = {"text": "12家", "at": 1, "indicator": "医院", "value": 12, "unit": "家", "kind": "level"}


def write(path: Path, *rows: object) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def row(**changes: object) -> dict[str, object]:
    return {"id": "2", "text": "有12家医院", "themes": [], "figures": [FIGURE], **changes}


def test_gold_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path / "gold.jsonl",
        {"id": "1", "text": "文", "themes": ["smart"], "borderline": ["smart", "talent"]},
        row(summary="有12家医院"),
    )
    first, second = read_gold(path, KEYS)
    assert (first.themes, first.borderline, first.figures) == ({"smart"}, {"talent"}, None)
    assert second.summary == "有12家医院"
    assert second.figures == (GoldFigure("12家", "医院", (12.0,), "家", ("level",), "", None),)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "第 2 行"),
        ('{"id": 1}', "第 2 行"),
        (row(themes=["x"]), "没有主题 x"),
        (row(primary="x"), "没有主题 x"),
        (row(text=None), "第 2 行：text 应为"),
        (row(text=" "), "第 2 行：text 应为"),
        (row(id="1"), "编号 1 与前面重复"),
        (row(figures=[{**FIGURE, "text": "13家"}]), "“13家”不在正文里"),
        (row(figures=[{**FIGURE, "at": 2}]), "不在所标的位置 2"),
        (row(figures=[{**FIGURE, "value": "x"}]), "数字标注读不懂"),
        (row(figures=[{**FIGURE, "value": [1, 2, 3]}]), "数字标注读不懂"),
        (row(figures=[{**FIGURE, "kind": "?"}]), "kind 或 bound"),
        (row(figures=[{"text": "12家"}]), "缺少 value 或 kind"),
        (row(figures=["12家"]), "数字标注读不懂"),
    ],
)
def test_bad_gold_lines_are_named(tmp_path: Path, line: object, message: str) -> None:
    path = write(tmp_path / "gold.jsonl", {"id": "1", "text": "文", "themes": []}, line)
    with pytest.raises(InputError, match=message):
        read_gold(path, KEYS)


def test_every_bad_line_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", "{", row(), "[]", row(id="3", text=""))
    with pytest.raises(
        InputError, match=r"有 3 行不合要求(?s:.*)第 1 行(?s:.*)第 3 行(?s:.*)第 4 行"
    ):
        read_gold(path, KEYS)


def test_a_doubtful_figure_may_be_known_by_its_text_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", row(figures=[{"text": "12家", "must": False}]))
    ((figure,),) = [article.figures for article in read_gold(path, KEYS)]
    assert (figure.value, figure.must) == (None, False)


def test_an_annotated_folder_is_gold_as_well(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "# a-1\n\n*[smart] 全县{12家|医院|12|家|level||2022}医院联网。\n天气好。\n"
    )
    (article,) = read_gold_articles(tmp_path, KEYS)
    assert article.summary == "全县12家医院联网。"
    assert article.figures is not None
    assert article.figures[0].text == "12家"
    with pytest.raises(InputError, match="没有这个文件"):
        read_gold_articles(tmp_path / "no", KEYS)


def test_themes_need_all_fields(tmp_path: Path) -> None:
    path = tmp_path / "themes.yaml"
    path.write_text("- key: a\n  name: 甲\n")
    with pytest.raises(InputError, match="description"):
        read_themes(path)
