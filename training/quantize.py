"""Quantising: from a network in float32 to the 8-bit one that `model/` runs."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import (
    DefaultWeightOnlyQuantConfig,
    MatMulNBitsQuantizer,
)

# Activation scale `row`: 8-bit weights in blocks of 128, 8-bit activations scaled row by row; any
# network's logits move by 0.05. `run`: 7-bit weights, one scale for all activations of a run; 2.2
# times as fast, but logits move by 0.5 unless the network learned with it (see EXPERIMENTS.md).
MATRIX_BITS, MATRIX_BLOCK = 8, 128
# The packed base's word embeddings are 4-bit blocks of 32 and stay frozen: little is lost.
WORD_BITS, WORD_BLOCK = 4, 32
INT8_ACTIVATIONS = 4  # `accuracy_level` of MatMulNBits
HEAD_WEIGHTS, HEAD_BIASES = "heads.weight", "heads.bias"


def quantize(source: Path, target: Path, activation_scale: str) -> None:
    """Quantise constant matrix products to 8 bits and the word table to 4.

    Args:
        source: a network in float32.
        target: where the network in 8 bits goes.
        activation_scale: as in `Settings`.
    """
    network = _to_blocks(onnx.load(source), "Gather", WORD_BITS, WORD_BLOCK)
    if activation_scale == "row":
        onnx.save(_to_blocks(network, "MatMul", MATRIX_BITS, MATRIX_BLOCK), target)
    else:
        _save_integers(network, target)


def _to_blocks(network: onnx.ModelProto, operator: str, bits: int, block: int) -> onnx.ModelProto:
    """Quantise the constants of one kind of operator in blocks."""
    quantizer = MatMulNBitsQuantizer(
        network,
        algo_config=DefaultWeightOnlyQuantConfig(
            block_size=block,
            is_symmetric=True,
            accuracy_level=INT8_ACTIVATIONS,
            op_types_to_quantize=(operator,),
            quant_axes=(("MatMul", 0), ("Gather", 1)),
            bits=bits,
        ),
    )
    with quiet():
        quantizer.process()
    quantised: onnx.ModelProto = quantizer.model.model
    return quantised


def _save_integers(network: onnx.ModelProto, target: Path) -> None:
    """Quantise constant matrix products, with a scale for each of their columns."""
    heads, logits = _take_heads(network.graph)
    constants = [part for part in network.graph.initializer if part.name in heads.input]
    del network.graph.value_info[:]  # shapes of what was there before
    with quiet():
        quantize_dynamic(
            network,
            target,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={
                "MatMulConstBOnly": True,
                "DisableShapeInference": True,
                "DefaultTensorType": onnx.TensorProto.FLOAT,
            },
        )
    quantised = onnx.load(target)
    quantised.graph.node.append(heads)
    quantised.graph.output.append(logits)
    present = {part.name for part in quantised.graph.initializer}
    quantised.graph.initializer.extend(c for c in constants if c.name not in present)
    onnx.save(quantised, target)


def _take_heads(graph: onnx.GraphProto) -> tuple[onnx.NodeProto, onnx.ValueInfoProto]:
    """Take the heads, the last node, and its output: they stay in float32, as they were."""
    heads, logits = onnx.NodeProto(), onnx.ValueInfoProto()
    heads.CopyFrom(next(node for node in graph.node if HEAD_WEIGHTS in node.input))
    logits.CopyFrom(next(output for output in graph.output if output.name == heads.output[0]))
    graph.node.remove(heads)
    graph.output.remove(logits)
    return heads, logits


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the exporters' running commentary to themselves; errors still raise."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
