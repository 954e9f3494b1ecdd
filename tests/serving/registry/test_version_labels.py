"""Names and notes of versions: kept beside the registry, which they leave as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from model import InputError
from serving.registry.version_labels import (
    LABELS_FILE,
    VersionLabel,
    label_version,
    read_version_labels,
    title_of_model,
)
from serving.registry.versions import SHIPPED, Registry
from tests.small_model import make_model


def test_a_version_is_called_by_its_name_and_loads_no_model_anew(tmp_path: Path) -> None:
    shipped = make_model(tmp_path / "shipped", {"alliance": "共"}, name="shipped")
    registry = Registry(tmp_path / "models", shipped)
    name = registry.add(make_model(tmp_path / "new", {"alliance": "县"}, name="new"))
    registry.promote(name)
    stamp = registry.stamp()
    label_version(registry, name, " 五月  版 ", "加了中医药")
    label_version(registry, SHIPPED, "自带", "")
    assert registry.stamp() == stamp
    assert read_version_labels(registry)[name] == VersionLabel("五月 版", "加了中医药")
    assert title_of_model(registry, name) == f"五月 版（{name}）"
    version = registry.versions()[0].manifest
    assert version is not None
    assert title_of_model(registry, version.version) == "自带（default）"
    assert title_of_model(registry, "elsewhere") == "elsewhere"
    label_version(registry, name, "", "")
    assert name not in read_version_labels(registry)
    with pytest.raises(InputError, match="最多"):
        label_version(registry, name, "长" * 31, "")
    with pytest.raises(InputError, match="没有模型"):
        label_version(registry, "none", "甲", "")
    (tmp_path / "models" / LABELS_FILE).write_text("[1]")
    assert read_version_labels(registry) == {}
