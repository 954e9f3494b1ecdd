"""Unpacking: an exported 8-bit network read back as a `TrainableNetwork` in float32.

A shipped model has 8-bit weights only; distillation and re-export start from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from transformers import BertConfig, BertModel

from model import ModelError
from model.arrays import FloatArray
from model.windows import SpecialTokens
from training.encoder.quantize import HEAD_BIASES, WORD_BLOCK
from training.encoder.trainable import TrainableNetwork

_WORDS, _POSITIONS, _TYPES = (
    f"bert.embeddings.{kind}_embeddings.weight" for kind in ("word", "position", "token_type")
)
_BIAS, _WEIGHT = ".bias", ".weight"
_QUERY_BIAS = "bert.encoder.layer.0.attention.self.query.bias"
_INTERMEDIATE_BIAS = "bert.encoder.layer.0.intermediate.dense.bias"
_NBITS_ZERO = 128


def unpack(path: Path, marks: SpecialTokens) -> TrainableNetwork:
    """Read an exported network back.

    Raises:
        ModelError: the network was not exported by this program.
    """
    graph = onnx.load(path).graph
    parts = {part.name: part for part in graph.initializer}
    try:
        weights = _read_weights(graph, parts)
        config = _read_config(graph, parts, weights, marks)
        n_themes = len(weights[HEAD_BIASES]) - 1
        network = TrainableNetwork(BertModel(config, add_pooling_layer=False), n_themes, marks)
        tensors = {name: torch.from_numpy(array) for name, array in weights.items()}
        network.load_state_dict(tensors)
    except (KeyError, StopIteration, RuntimeError) as error:
        raise ModelError(f"{path} 不是本程序导出的模型，读不回权重：{error}") from error
    return network.eval()


def _read_weights(
    graph: onnx.GraphProto, parts: Mapping[str, onnx.TensorProto]
) -> dict[str, FloatArray]:
    """Return all weights by the names of the network's parameters."""
    named = (name for name in parts if name.startswith(("bert.", "heads.")))
    weights = {name: to_float(parts[name]) for name in named if name.endswith((_BIAS, _WEIGHT))}
    for name in (_WORDS, _POSITIONS, _TYPES):
        scales = to_float(parts[f"{name}_scales"])
        weights[name] = to_float(parts[f"{name}_Q4"]) * scales.repeat(WORD_BLOCK, axis=1)
    for node in graph.node:
        if node.op_type == "MatMulNBits":
            bias = find_bias(graph, node.output[0])
            weights[bias.removesuffix(_BIAS) + _WEIGHT] = read_blocks(node, parts)
    return weights


def read_blocks(node: onnx.NodeProto, parts: Mapping[str, onnx.TensorProto]) -> FloatArray:
    """Return weights (out, in) of 8-bit blocks."""
    values, scales = (to_float(parts[name]) for name in node.input[1:3])
    return ((values - _NBITS_ZERO) * scales[:, :, None]).reshape(len(values), -1)


def find_bias(graph: onnx.GraphProto, output: str) -> str:
    """Follow a product to the bias that is added to it, whose name identifies the weights."""
    node = next(node for node in graph.node if output in node.input)
    names = [name for name in node.input if name.endswith(_BIAS)]
    return names[0] if names else find_bias(graph, node.output[0])


def _read_config(
    graph: onnx.GraphProto,
    parts: Mapping[str, onnx.TensorProto],
    weights: Mapping[str, FloatArray],
    marks: SpecialTokens,
) -> BertConfig:
    vocabulary, hidden = weights[_WORDS].shape
    norm: Any = next(node for node in graph.node if node.op_type == "LayerNormalization")
    epsilon = next(a.f for a in norm.attribute if a.name == "epsilon")
    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=hidden,
        num_hidden_layers=sum(name.endswith("query.bias") for name in weights),
        num_attention_heads=hidden // _head_size(graph, parts),
        intermediate_size=len(weights[_INTERMEDIATE_BIAS]),
        max_position_embeddings=len(weights[_POSITIONS]),
        type_vocab_size=len(weights[_TYPES]),
        layer_norm_eps=epsilon,
        pad_token_id=marks.pad,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )


def _head_size(graph: onnx.GraphProto, parts: Mapping[str, onnx.TensorProto]) -> int:
    """Return the width of an attention head, from the shape that queries are reshaped to."""
    output = next(node.output[0] for node in graph.node if _QUERY_BIAS in node.input)
    while (node := next(n for n in graph.node if output in n.input)).op_type != "Reshape":
        output = node.output[0]
    shape = next(n for n in graph.node if node.input[1] in n.output)
    return int(numpy_helper.to_array(parts[shape.input[-1]])[-1])


def to_float(part: onnx.TensorProto) -> FloatArray:
    """Return a part of a network in float32."""
    return numpy_helper.to_array(part).astype(np.float32)
