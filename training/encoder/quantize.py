"""Quantisation: from a float32 network to the 8-bit network that `model/` runs."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnxruntime.quantization.matmul_nbits_quantizer import (
    DefaultWeightOnlyQuantConfig,
    MatMulNBitsQuantizer,
)

from data.quiet import quiet

# 8-bit weights in blocks of 128, as OpenVINO's 8-bit activations: logits change by 0.05.
MATRIX_BITS, MATRIX_BLOCK = 8, 128
# The packed base's word embeddings are 4-bit blocks of 32 and stay frozen: hardly any loss.
WORD_BITS, WORD_BLOCK = 4, 32
# Level of MatMulNBits at which ONNX Runtime rounds activations to 8 bits, as OpenVINO does.
INTEGER_ACTIVATIONS = 4
HEAD_WEIGHTS, HEAD_BIASES = "heads.weight", "heads.bias"


def quantize(source: Path, target: Path) -> None:
    """Quantise constant matrix products to 8 bits; tables of words, positions and types to 4.

    Args:
        source: file of the float32 network.
        target: file of the 8-bit network.
    """
    network = _to_blocks(onnx.load(source), "Gather", WORD_BITS, WORD_BLOCK)
    onnx.save(_to_blocks(network, "MatMul", MATRIX_BITS, MATRIX_BLOCK), target)


def _to_blocks(network: onnx.ModelProto, operator: str, bits: int, block: int) -> onnx.ModelProto:
    """Quantise the constants of one kind of operator in blocks."""
    quantizer = MatMulNBitsQuantizer(
        network,
        algo_config=DefaultWeightOnlyQuantConfig(
            block_size=block,
            is_symmetric=True,
            op_types_to_quantize=(operator,),
            quant_axes=(("MatMul", 0), ("Gather", 1)),
            bits=bits,
            accuracy_level=INTEGER_ACTIVATIONS,
        ),
    )
    with quiet():
        quantizer.process()
    quantised: onnx.ModelProto = quantizer.model.model
    return quantised
