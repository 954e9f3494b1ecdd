"""Export of a trained network to ONNX, and reading and replacing heads in the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from data.quiet import quiet
from model import ModelError
from model.arrays import FloatArray
from model.encoder import make_runs
from model.network import Network
from model.theme_scoring import pool_logits
from model.windows import Batch, SpecialTokens
from training.encoder.quantize import HEAD_BIASES, HEAD_WEIGHTS
from training.encoder.trainable import TrainableNetwork, to_tensors
from training.fitting.examples import Example

OPSET = 21


def export_onnx(network: TrainableNetwork, path: Path) -> None:
    """Write the network as float32 ONNX; its inputs are those of `model.network.to_inputs`."""
    n_tokens, n_segments, shape = 20, 4, (3, 8)
    sample = {
        "ids": torch.full((n_tokens,), 5),
        "positions": torch.arange(n_tokens),
        "slots": torch.arange(math.prod(shape)).clamp(max=n_tokens - 1).reshape(shape),
        "places": torch.arange(n_tokens),
        "pool": torch.full((n_segments, n_tokens), 1 / n_tokens),
    }
    auto = torch.export.Dim.DYNAMIC
    shapes = {name: dict.fromkeys(range(part.ndim), auto) for name, part in sample.items()}
    with quiet(), torch.no_grad():
        torch.onnx.export(
            network.eval(),
            (),
            path,
            kwargs=sample,
            dynamo=True,
            verbose=False,
            dynamic_shapes=shapes,
            input_names=list(sample),
            output_names=["vectors", "logits"],
            opset_version=OPSET,
            external_data=False,
        )


def read_heads(network: Path) -> tuple[FloatArray, FloatArray]:
    """Return the heads of an exported network: weights (themes + 1, hidden), biases (themes + 1,).

    Raises:
        ModelError: the file lacks the heads that `export_onnx` writes.
    """
    parts = {i.name: i for i in onnx.load(network).graph.initializer}
    if not {HEAD_WEIGHTS, HEAD_BIASES} <= set(parts):
        raise ModelError(
            f"{network} 不是本程序导出的模型，不能接着训练",
            code="not_continuable",
            file=network.name,
        )
    weights, biases = (numpy_helper.to_array(parts[n]) for n in (HEAD_WEIGHTS, HEAD_BIASES))
    return weights, biases


def put_heads(source: Path, target: Path, weights: FloatArray, biases: FloatArray) -> None:
    """Write an exported network with other heads; its encoder stays the same bit for bit."""
    network = onnx.load(source)
    new = {HEAD_WEIGHTS: weights, HEAD_BIASES: biases}
    for part in network.graph.initializer:
        if part.name in new:
            array = np.ascontiguousarray(new[part.name], dtype=np.float32)
            part.CopyFrom(numpy_helper.from_array(array, part.name))
    for output in network.graph.output:
        if output.name == "logits":
            output.type.tensor_type.shape.dim[1].dim_value = len(biases)
    onnx.save(network, target)


def article_logits(path: Path, examples: Sequence[Example], marks: SpecialTokens) -> FloatArray:
    """Return pooled theme logits of an exported network, shape (articles, themes)."""
    network = Network.load(path)
    return _pool_all(lambda batch: network.run(batch)[1], examples, marks)


def trained_logits(network: TrainableNetwork, examples: Sequence[Example]) -> FloatArray:
    """Return pooled theme logits of the trained network in float32, shape (articles, themes)."""

    @torch.no_grad()
    def run(batch: Batch) -> FloatArray:
        logits: FloatArray = network(**to_tensors(batch))[1].numpy()
        return logits

    return _pool_all(run, examples, network.marks)


def _pool_all(
    run: Callable[[Batch], FloatArray], examples: Sequence[Example], marks: SpecialTokens
) -> FloatArray:
    """Run batches as `model` does, so that thresholds are chosen on the logits of serving."""
    logits = ([run(batch) for batch in make_runs(e.windows, marks)] for e in examples)
    return np.stack([pool_logits(np.concatenate(rows)[:, :-1]) for rows in logits])
