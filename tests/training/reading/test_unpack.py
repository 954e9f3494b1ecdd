"""An exported head is read back, so that it can be continued."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel

from model import ModelError
from training.reading.export import export_head
from training.reading.network import ReadingHead
from training.reading.unpack import load_weights

HIDDEN = 128  # one group of the 8-bit rounding


def make_head(seed: int, n_layers: int = 1) -> ReadingHead:
    torch.manual_seed(seed)
    config = BertConfig(
        hidden_size=HIDDEN, num_hidden_layers=n_layers, num_attention_heads=2,
        intermediate_size=HIDDEN,
    )  # fmt: skip
    layers = BertModel(config, add_pooling_layer=False).encoder.layer
    head = ReadingHead(torch.nn.ModuleList(layers), HIDDEN)
    for parameter in head.parameters():  # none may be zero, as a table is that was never learned
        torch.nn.init.normal_(parameter, std=0.1)
    return head


def test_an_exported_head_is_read_back(tmp_path: Path) -> None:
    written, read = make_head(0), make_head(1)
    export_head(written, tmp_path / "figures.onnx")
    load_weights(read, tmp_path / "figures.onnx")
    known = written.state_dict()
    for name, tensor in read.state_dict().items():
        # tables are rounded to 4 bits, in blocks
        allowed = 0.15 if "layers" not in name else 0.01
        assert float((tensor - known[name]).abs().max()) <= allowed * float(known[name].abs().max())
    with pytest.raises(ModelError, match="结构不同"):
        load_weights(make_head(1, n_layers=2), tmp_path / "figures.onnx")
