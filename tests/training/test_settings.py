from __future__ import annotations

from pathlib import Path

import pytest

from model import InputError
from training.settings import read_settings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("passs = 3", "没有这些设置：passs"),
        ('passes = "3"', "passes 应为 int"),
        ("passes = true", "passes 应为 int"),
        ("passes = 2.5", "passes 应为 int"),
        ("passes = -1", "passes 应为不小于 0 的数"),
        ("held_out = 1.5", "held_out 应为小于 1 的数"),
        ("dropped_layers = 3", "dropped_layers 应为列表"),
        ('dropped_layers = ["x"]', r"dropped_layers\.0 应为 int"),
        ("name = 2024-01-01", "应为文字"),
        ('name = "../up"', "name 应为不含路径的名称"),
        ("passes =", "不是合法的 TOML"),
    ],
)
def test_settings_refuse_what_they_do_not_know(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "s.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_settings(path)


def test_settings_override_defaults(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text("passes = 2\nlearning_rate = 1\ndropped_layers = [3]\n")
    settings = read_settings(path)
    assert (settings.passes, settings.learning_rate, settings.dropped_layers) == (2, 1, (3,))
