from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model import Analyzer, ModelError
from model.analyzer import DEFAULT_MODEL
from model.manifest import ENCODER_NAME, MANIFEST_NAME, TOKENIZER_NAME, Manifest, Probe
from model.windows import SpecialTokens


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(DEFAULT_MODEL, tmp_path / "model")


def change(folder: Path, **values: object) -> None:
    path = folder / MANIFEST_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_saved_manifest_loads_as_it_was(folder: Path) -> None:
    manifest = Manifest.load(folder)
    manifest.save(folder)
    assert Manifest.load(folder) == manifest
    assert manifest.version.startswith("default-")


def test_one_flipped_byte_is_refused(folder: Path) -> None:
    path = folder / ENCODER_NAME
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="与清单不符"):
        Analyzer.load(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / ENCODER_NAME).unlink()
    with pytest.raises(ModelError, match=ENCODER_NAME):
        Analyzer.load(folder)


def test_another_release_is_refused(folder: Path) -> None:
    change(folder, cleaning_version=999)
    with pytest.raises(ModelError, match="另一版本"):
        Analyzer.load(folder)


def test_unknown_keys_are_refused(folder: Path) -> None:
    change(folder, extra=1)
    with pytest.raises(ModelError, match="内容不合要求"):
        Analyzer.load(folder)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="不是模型文件夹"):
        Analyzer.load(tmp_path)


def test_a_manifest_from_before_marks_and_probe_loads(folder: Path) -> None:
    path = folder / MANIFEST_NAME
    row = {k: v for k, v in json.loads(path.read_text()).items() if k not in ("marks", "probe")}
    path.write_text(json.dumps(row))
    manifest = Manifest.load(folder)
    assert (manifest.marks, manifest.probe) == (SpecialTokens(0, 1, 2), None)


def test_marks_and_probe_survive(folder: Path) -> None:
    probe = Probe(("甲", "乙"), ((0.5, -1.25, 0.0, 1.0), (2.0, 0.0, -3.5, 1.5)))
    manifest = replace(Manifest.load(folder), marks=SpecialTokens(101, 0, 102), probe=probe)
    manifest.save(folder)
    assert Manifest.load(folder) == manifest


def test_theme_names_are_in_the_order_of_the_heads() -> None:
    names = Manifest.read(DEFAULT_MODEL).theme_names
    assert list(names.items())[:2] == [("prevention", "医防融合"), ("alliance", "医共体")]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"files": ["encoder.onnx"]}, "files 应为对象"),
        ({"files": "encoder.onnx"}, "files 应为对象"),
        ({"window_tokens": "128"}, "window_tokens 应为 int"),
        ({"window_tokens": 2}, "window_tokens 应为大于 2"),
        ({"window_tokens": True}, "window_tokens 应为 int"),
        ({"touch_threshold": 1}, "touch_threshold 应为小于 1"),
        ({"themes": []}, "themes 应为至少 1 项"),
        ({"themes": {}}, "themes 应为列表"),
        ({"themes": [1]}, r"themes\.0 应为对象"),
        ({"themes": [{"key": "a", "name": "甲"}]}, r"缺少 themes\.0\.slope"),
        ({"marks": {"start": 0, "pad": "x"}}, r"marks\.pad 应为 int"),
        ({"probe": {"texts": ["甲"], "logits": [[1.0]]}}, "每行应有 4 个数"),
        ({"probe": {"texts": [], "logits": []}}, "probe 应有文字"),
        ({"held_out": "abc"}, "held_out 应为列表"),
        ({"metrics": []}, "metrics 应为对象"),
        ({"name": "../up"}, "name 应为不含路径的名称"),
    ],
)
def test_values_of_another_type_are_refused_in_words(
    folder: Path, values: dict[str, object], message: str
) -> None:
    change(folder, **values)
    with pytest.raises(ModelError, match=message) as caught:
        Manifest.read(folder)
    assert caught.value.code == "invalid_manifest"


@pytest.mark.parametrize(
    "name",
    ["../encoder.onnx", "a/b", "a\\b", "/etc/passwd", "C:x", "", ".", "..", "a\0", "b ", "b.",
     "manifest.json", "MANIFEST.json", "Manifest.JSON", ".hidden", "NUL",
     "con.txt", "Com1", "lpt9.bin", "a" * 201, "医" * 67, "a\u202eb", "a\u2028"],
)  # fmt: skip
def test_a_file_outside_the_folder_is_refused(folder: Path, name: str) -> None:
    files = Manifest.read(folder).files
    change(folder, files={**files, name: "0" * 64})
    with pytest.raises(ModelError, match="files 里应为文件夹内的文件名"):
        Manifest.read(folder)


@pytest.mark.parametrize("twin", ["Encoder.onnx", "ENCODER.ONNX"])
def test_names_that_some_disks_take_for_one_are_refused(folder: Path, twin: str) -> None:
    change(folder, files={**Manifest.read(folder).files, twin: "0" * 64})
    with pytest.raises(ModelError, match=f"只差大小写的文件名：.*{twin}"):
        Manifest.read(folder)


@pytest.mark.parametrize("name", [ENCODER_NAME, TOKENIZER_NAME, MANIFEST_NAME])
def test_a_link_in_a_model_folder_is_refused(folder: Path, name: str) -> None:
    outside = (folder / name).rename(folder.parent / "outside")
    (folder / name).symlink_to(outside)
    with pytest.raises(ModelError, match=f"{name} 是链接"):
        Analyzer.load(folder)


@pytest.mark.parametrize("missing", [ENCODER_NAME, TOKENIZER_NAME])
def test_encoder_and_tokenizer_must_have_a_hash(folder: Path, missing: str) -> None:
    files = Manifest.read(folder).files
    change(folder, files={name: digest for name, digest in files.items() if name != missing})
    with pytest.raises(ModelError, match=f"files 里缺少 {missing}"):
        Manifest.read(folder)


def test_a_hash_is_a_hash(folder: Path) -> None:
    change(folder, files={**Manifest.read(folder).files, ENCODER_NAME: "abc"})
    with pytest.raises(ModelError, match="应为 SHA-256"):
        Manifest.read(folder)


def test_a_theme_stands_once(folder: Path) -> None:
    themes = json.loads((folder / MANIFEST_NAME).read_text())["themes"]
    change(folder, themes=[*themes, themes[0]])
    with pytest.raises(ModelError, match="重复的 key：prevention"):
        Manifest.read(folder)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[]", b"[" * 100_000, b"null"])
def test_what_is_no_json_object_is_refused(folder: Path, content: bytes) -> None:
    (folder / MANIFEST_NAME).write_bytes(content)
    with pytest.raises(ModelError, match="内容不合要求"):
        Manifest.read(folder)


def test_a_manifest_of_another_network_is_refused(folder: Path) -> None:
    row = json.loads((folder / MANIFEST_NAME).read_text())
    logits = [scores[:3] for scores in row["probe"]["logits"]]
    change(folder, themes=row["themes"][:3], probe={**row["probe"], "logits": logits})
    with pytest.raises(ModelError, match="应给出 3 个主题的得分，实为 4 个"):
        Analyzer.load(folder)


def test_validation_changes_no_value(folder: Path) -> None:
    change(folder, metrics={"a": 1, "b": 1.0, "c": float("nan"), "d": 0.1 + 0.2, "e": [None, "x"]})
    metrics = Manifest.read(folder).metrics
    assert (type(metrics["a"]), type(metrics["b"])) == (int, float)
    assert np.isnan(metrics["c"])
    assert (metrics["d"], metrics["e"]) == (0.1 + 0.2, [None, "x"])
