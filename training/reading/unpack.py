"""Unpacking: weights of an exported reading head, so that a head can be continued.

A shipped model has 8-bit weights only, and no other file of its head.
"""

from __future__ import annotations

from pathlib import Path

import onnx
import torch

from model import ModelError
from model.arrays import FloatArray
from training.encoder.quantize import WORD_BLOCK
from training.encoder.unpack import find_bias, read_blocks, to_float
from training.reading.network import ReadingHead

_PREFIX = "head."
_TABLE = ".weight_Q4"
_BIAS = ".bias"


def load_weights(head: ReadingHead, path: Path) -> None:
    """Put the weights of an exported head into one of the same shape.

    Raises:
        ModelError: the file is of a head of another shape.
    """
    wanted = head.state_dict()
    try:
        read = _read_weights(path)
        weights = {name: _fit(read[name], wanted[name]) for name in wanted}
        head.load_state_dict(weights)
    except (KeyError, StopIteration, RuntimeError) as error:
        raise ModelError(
            f"{path} 与本程序的数字阅读头结构不同，不能接着学：{error}", code="not_continuable"
        ) from error


def _fit(read: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Cut the padding of the last block off, and give linear weights their shape."""
    return read[..., : wanted.shape[-1]].reshape(wanted.shape)


def _read_weights(path: Path) -> dict[str, torch.Tensor]:
    graph = onnx.load(path).graph
    parts = {part.name: part for part in graph.initializer}
    weights: dict[str, FloatArray] = {}
    for name, part in parts.items():
        if name.endswith(_TABLE):
            table = name.removesuffix("_Q4")
            scales = to_float(parts[f"{table}_scales"]).repeat(WORD_BLOCK, axis=1)
            values = to_float(part)
            weights[table] = values * scales[:, : values.shape[1]]
        elif name.startswith(_PREFIX) and not name.endswith("_scales"):
            weights[name] = to_float(part)
    for node in graph.node:
        if node.op_type == "MatMulNBits":
            bias = find_bias(graph, node.output[0])
            weights[f"{bias.removesuffix(_BIAS)}.weight"] = read_blocks(node, parts)
    return {
        name.removeprefix(_PREFIX): torch.from_numpy(array.copy())
        for name, array in weights.items()
    }
