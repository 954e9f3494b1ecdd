from __future__ import annotations

from pathlib import Path

import pytest

from data.gold import read_gold
from data.labelled import LabelledArticle
from data.split import split_held_out
from data.themes import read_themes
from model import InputError

KEYS = frozenset({"smart", "talent"})


def test_gold_lines(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(
        '{"id": "1", "text": "文", "themes": ["smart"], "borderline": ["smart", "talent"]}\n'
    )
    (article,) = read_gold(path, KEYS)
    assert (article.themes, article.borderline) == ({"smart"}, {"talent"})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "第 2 行"),
        ('{"id": 1}', "第 2 行"),
        ('{"id":1,"text":"","themes":["x"]}', "没有主题 x"),
        ('{"id": 1, "text": null, "themes": []}', "第 2 行：text 应为"),
        ('{"id": 1, "text": " ", "themes": []}', "第 2 行：text 应为"),
    ],
)
def test_bad_gold_lines_are_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": "1", "text": "文", "themes": []}\n' + line + "\n")
    with pytest.raises(InputError, match=message):
        read_gold(path, KEYS)


def article(n: int, text: str = "") -> LabelledArticle:
    themes = frozenset({"smart"}) if n % 5 == 0 else frozenset()
    return LabelledArticle(id=str(n), text=text or f"第{n}篇", source="corpus", themes=themes)


def test_the_split_is_alike_repeatable_and_does_not_leak() -> None:
    articles = [article(n) for n in range(100)]
    twins = [article(1000 + n, text=f"第{n}篇") for n in range(100)]
    train, held_out = split_held_out([*articles, *twins], 0.2, seed=1)
    assert {a.text for a in train}.isdisjoint(a.text for a in held_out)
    assert len(train) + len(held_out) == 200
    assert sum(bool(a.themes) for a in held_out) >= 4
    assert split_held_out([*articles, *twins], 0.2, seed=1) == (train, held_out)
    assert split_held_out([*articles, *twins], 0.2, seed=2) != (train, held_out)


def test_themes_need_all_fields(tmp_path: Path) -> None:
    path = tmp_path / "themes.yaml"
    path.write_text("- key: a\n  name: 甲\n")
    with pytest.raises(InputError, match="description"):
        read_themes(path)
