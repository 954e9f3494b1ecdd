from __future__ import annotations

from pathlib import Path

import pytest

from model import InputError
from training.settings import read_settings


@pytest.mark.parametrize(
    ("text", "message"), [("passs = 3", "没有这些设置：passs"), ('passes = "3"', "passes 应为 int")]
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
