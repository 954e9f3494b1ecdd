from __future__ import annotations

from pathlib import Path

import pytest

from data.themes import read_themes
from model import InputError

GOOD = "- key: herb\n  name: 中医药\n  description: 中药房\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "themes.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_users_list_follows_ours(tmp_path: Path) -> None:
    path = write(tmp_path, f"{GOOD}  examples:\n  keywords: [针灸]\n")
    entry = read_themes(path)[-1]
    assert (entry.key, entry.examples, entry.keywords) == ("herb", (), ("针灸",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- abc", "第 1 个主题：全部内容 应为对象.*'abc'；每个主题应有 key、name、description"),
        ("abc", "应为主题的列表"),
        ("key: herb", "应为主题的列表"),
        ("- [a, b]", "第 1 个主题：全部内容 应为对象"),
        (f"{GOOD}- key: b\n  name: 乙\n", "第 2 个主题：缺少 description；每个主题应有"),
        (f"{GOOD}  colour: red\n", "没有 colour 这一项"),
        (f"{GOOD}  keywords: 针灸\n", "keywords 应为列表"),
        (f"{GOOD}  keywords: [1]\n", r"keywords\.0 应为文字"),
        ("- key: herb\n  name: 2024-01-01\n  description: x\n", "2024-01-01 应为文字（加引号）"),
        (f"{GOOD}  examples: &a [*a]\n", "自我引用"),
        ("- key: herb\n  name: ' '\n  description: x\n", "各项不能为空"),
        ("- key: Herb\n  name: 甲\n  description: x\n", "key 应以小写字母开头"),
        ("- key: [", "不是合法的 YAML"),
    ],
)
def test_a_list_that_does_not_parse_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_themes(write(tmp_path, text))
