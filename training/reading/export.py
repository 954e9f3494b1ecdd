"""Exporting the reading head, and the encoder with the states that the head starts from."""

from __future__ import annotations

import tempfile
from pathlib import Path

import onnx
import torch
from onnx import TensorProto, helper
from torch import Tensor

from data.quiet import quiet
from model import ModelError
from model.figures.reading.chunks import N_COUNTS
from model.figures.reading.reader import OUTPUTS
from model.network import STATES
from training.encoder.onnx_export import OPSET
from training.encoder.quantize import quantize
from training.reading.network import ReadingHead

# The head's own layers begin behind these of the encoder.
N_SHARED_LAYERS = 3


def add_states(source: Path, target: Path, n_layers: int) -> None:
    """Write an exported encoder that also gives its tokens' states after `n_layers` layers.

    Nothing else of it changes: vectors and logits stay bit for bit what they were.

    Raises:
        ModelError: it is not one that this program exported.
    """
    network = onnx.load(source)
    graph = network.graph
    norms = [node.output[0] for node in graph.node if node.op_type == "LayerNormalization"]
    if any(output.name == STATES for output in graph.output):
        onnx.save(network, target)
        return
    if len(norms) <= 2 * n_layers:
        raise ModelError(f"{source} 不是本程序导出的网络，找不到第 {n_layers} 层", code="no_layer")
    graph.node.append(helper.make_node("Identity", [norms[2 * n_layers]], [STATES]))
    shape: list[str | int | None] = [1, "tokens", None]
    graph.output.append(helper.make_tensor_value_info(STATES, TensorProto.FLOAT, shape))
    onnx.save(network, target)


def export_head(head: ReadingHead, path: Path) -> None:
    """Write a head in 8 bits: one chunk in, as `to_inputs` has it; `OUTPUTS` out."""
    n_tokens, n_figures = 24, 3
    hidden = head.nobody.in_features
    pairs = (n_figures, n_tokens)
    sample = {
        "states": torch.randn(n_tokens, hidden),
        "positions": torch.arange(n_tokens),
        "roles": torch.zeros(n_tokens, dtype=torch.long),
        "mask": torch.zeros(n_tokens),
        "pool": torch.full(pairs, 1 / n_tokens),
        "first": torch.full(pairs, 1 / n_tokens),
        "distances": torch.ones(pairs, dtype=torch.long),
        "numbers": torch.full(pairs, N_COUNTS // 2),
        "sentences": torch.full(pairs, N_COUNTS // 2),
        "borders": torch.full(pairs, N_COUNTS // 2),
    }
    auto = torch.export.Dim.DYNAMIC
    shapes = {name: {0: auto} for name in sample}
    for name in ("pool", "first", "distances", "numbers", "sentences", "borders"):
        shapes[name] = {0: auto, 1: auto}
    with tempfile.TemporaryDirectory() as scratch, quiet(), torch.no_grad():
        full = Path(scratch) / "full.onnx"
        torch.onnx.export(
            _OneChunk(head).eval(),
            (),
            full,
            kwargs=sample,
            dynamo=True,
            verbose=False,
            dynamic_shapes=shapes,
            input_names=list(sample),
            output_names=list(OUTPUTS),
            opset_version=OPSET,
            external_data=False,
        )
        quantize(full, path)


class _OneChunk(torch.nn.Module):
    """A head that reads one chunk, without the axis of chunks."""

    def __init__(self, head: ReadingHead) -> None:
        super().__init__()
        self.head = head

    def forward(
        self, states: Tensor, positions: Tensor, roles: Tensor, mask: Tensor, pool: Tensor,
        first: Tensor, distances: Tensor, numbers: Tensor, sentences: Tensor, borders: Tensor,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """Return what the head says of the chunk's figures."""
        parts, labels = self.head(
            states[None], positions[None], roles[None], mask[None], pool, first, distances,
            numbers, sentences, borders, torch.zeros_like(distances[:, 0]),
        )  # fmt: skip
        return parts, labels
