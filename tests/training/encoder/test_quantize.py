from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from model import ModelError
from model.arrays import FloatArray
from model.network import Network
from model.windows import Segment, SpecialTokens, Window, make_batch
from training.encoder.onnx_export import export_onnx, put_heads, read_heads
from training.encoder.quantize import quantize
from training.encoder.trainable import TrainableNetwork, to_tensors
from training.encoder.unpack import unpack

BATCH = make_batch(
    [
        Window((Segment(0, tuple(range(5, 40))), Segment(1, (7, 9, 11)))),
        Window((Segment(2, (8,)),)),
    ],
    SpecialTokens(),
)


@pytest.fixture(scope="module")
def network() -> TrainableNetwork:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=64, hidden_size=128, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=256, max_position_embeddings=64,
    )  # fmt: skip
    made = TrainableNetwork(BertModel(config, add_pooling_layer=False), 4, SpecialTokens())
    with torch.no_grad():
        made.heads.weight.mul_(10)
        for vector in (p for p in made.parameters() if p.ndim == 1):
            vector.add_(torch.randn_like(vector) * 0.01)  # a trained network's are not alike
        for table in made.bert.embeddings.children():
            if isinstance(table, torch.nn.Embedding):  # what 4 bits hold as it is
                steps = torch.randint(-8, 8, table.weight.shape)
                steps[:, ::32] = -8
                table.weight.copy_(steps * 0.01)
    return made.eval()


@pytest.fixture(scope="module")
def exported(network: TrainableNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "float32.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        export_onnx(network, path)
    return path


def run(path: Path) -> FloatArray:
    return Network.load(path).run(BATCH)[1]


def run_torch(network: TrainableNetwork) -> FloatArray:
    with torch.no_grad():
        logits: FloatArray = network(**to_tensors(BATCH))[1].numpy()
    return logits


def test_heads_stay_as_they_were_and_can_be_replaced(
    network: TrainableNetwork, exported: Path, tmp_path: Path
) -> None:
    target, other = tmp_path / "8bit.onnx", tmp_path / "other.onnx"
    quantize(exported, target)
    weights, biases = read_heads(target)
    assert np.array_equal(weights, network.heads.weight.detach().numpy())
    put_heads(target, other, weights[:2], biases[:2] + 1)
    assert np.allclose(run(other), run(target)[:, :2] + 1, atol=1e-5)


def test_rounding_moves_logits_little(
    network: TrainableNetwork, exported: Path, tmp_path: Path
) -> None:
    target = tmp_path / "row.onnx"
    quantize(exported, target)
    assert np.abs(run(target) - run_torch(network)).mean() < 0.02


def test_an_exported_network_can_be_read_back(
    network: TrainableNetwork, exported: Path, tmp_path: Path
) -> None:
    target = tmp_path / "8bit.onnx"
    quantize(exported, target)
    back = unpack(target, SpecialTokens())
    assert np.abs(run_torch(back) - run_torch(network)).mean() < 0.01
    weights = back.state_dict()
    for name, was in network.state_dict().items():
        assert float((weights[name] - was).abs().max()) <= float(was.abs().max()) / 127


def test_a_network_from_elsewhere_cannot_be_read_back(exported: Path) -> None:
    with pytest.raises(ModelError, match="读不回权重"):
        unpack(exported, SpecialTokens())
