"""A small real model, made in a moment: a theme is found by one character that stands for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from model.manifest import (
    ENCODER_NAME,
    TOKENIZER_NAME,
    Manifest,
    ThemeSetting,
    hash_file,
)

HIDDEN = 4
MARKS = ("<s>", "<pad>", "</s>", "<unk>")


def make_model(
    folder: Path,
    letters: Mapping[str, str],
    *,
    name: str = "small",
    held_out: tuple[str, ...] = (),
    names: Mapping[str, str] | None = None,
) -> Path:
    """Write a model folder whose theme `key` holds where one of `letters[key]` is in a sentence."""
    folder.mkdir(parents=True)
    known = sorted(set("".join(letters.values())))
    vocabulary = {piece: i for i, piece in enumerate((*MARKS, *known))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokenizer.save(str(folder / TOKENIZER_NAME))
    _save_network(folder / ENCODER_NAME, vocabulary, letters)
    settings = tuple(
        ThemeSetting(key, (names or {}).get(key, f"主题{key}"), 1.0, 0.0, 0.5, (0.5, 0.5))
        for key in letters
    )
    manifest = Manifest(
        name=name, themes=settings, window_tokens=128, evidence_threshold=0.5, touch_threshold=0.2,
        primary_share=0.15, base="letters", held_out=held_out,
        files={f: hash_file(folder / f) for f in (ENCODER_NAME, TOKENIZER_NAME)},
    )  # fmt: skip
    manifest.save(folder)
    return folder


def make_inputs() -> list[onnx.ValueInfoProto]:
    """Return what every exported network takes (`model.network.to_inputs`)."""
    shapes = {
        "ids": ["tokens"],
        "positions": ["tokens"],
        "slots": ["windows", "width"],
        "places": ["tokens"],
        "pool": ["segments", "tokens"],
    }
    return [
        helper.make_tensor_value_info(
            name, TensorProto.FLOAT if name == "pool" else TensorProto.INT64, shape
        )
        for name, shape in shapes.items()
    ]


def _save_network(path: Path, vocabulary: Mapping[str, int], letters: Mapping[str, str]) -> None:
    logits = np.zeros((len(vocabulary), len(letters) + 1), dtype=np.float32)
    for column, theme in enumerate(letters):
        for letter in letters[theme]:
            logits[vocabulary[letter], column] = 1e4
    table = np.concatenate([np.zeros((len(vocabulary), HIDDEN), np.float32), logits], axis=1)
    n_all = HIDDEN + logits.shape[1]
    constants = {
        "table": table, "zero": np.array([0]),
        "split": np.array([HIDDEN]), "end": np.array([n_all]), "axis": np.array([1]),
        "offset": np.array([0.0] * HIDDEN + [-8.0] * len(letters) + [0.0], np.float32),
        "most": np.array(8.0, np.float32), "least": np.array(-8.0, np.float32),
    }  # fmt: skip
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["rows"]),
        helper.make_node("MatMul", ["pool", "rows"], ["pooled"]),
        helper.make_node("Add", ["pooled", "offset"], ["moved"]),
        helper.make_node("Clip", ["moved", "least", "most"], ["all"]),
        helper.make_node("Slice", ["all", "zero", "split", "axis"], ["vectors"]),
        helper.make_node("Slice", ["all", "split", "end", "axis"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "letters",
        make_inputs(),
        [
            helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["segments", HIDDEN]),
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["segments", None]),
        ],
        [numpy_helper.from_array(value, key) for key, value in constants.items()],
    )
    opset = helper.make_opsetid("", 17)
    network = helper.make_model(graph, opset_imports=[opset], ir_version=9)
    onnx.checker.check_model(network)
    path.write_bytes(network.SerializeToString())
