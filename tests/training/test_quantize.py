from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import torch
from transformers import BertConfig, BertModel

from model import ModelError
from model.windows import FloatArray, Marks, Segment, Window, make_batch
from training.export import export_onnx, put_heads, read_heads
from training.network import Reader
from training.quantize import quantize
from training.rounding import rounded
from training.unpack import unpack

BATCH = make_batch(
    [
        Window((Segment(0, tuple(range(5, 40))), Segment(1, (7, 9, 11)))),
        Window((Segment(2, (8,)),)),
    ],
    Marks(),
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=64, hidden_size=128, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=256, max_position_embeddings=64,
    )  # fmt: skip
    made = Reader(BertModel(config, add_pooling_layer=False), 4, Marks())
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
def exported(reader: Reader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "float32.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        export_onnx(reader, path)
    return path


def run(path: Path) -> FloatArray:
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inputs = {"ids": BATCH.ids, "mask": BATCH.mask, "pool": BATCH.pool}
    logits: FloatArray = session.run(["logits"], inputs)[0]
    return logits


def run_torch(reader: Reader) -> FloatArray:
    with torch.no_grad():
        tensors = (torch.from_numpy(a) for a in (BATCH.ids, BATCH.mask, BATCH.pool))
        logits: FloatArray = reader(*tensors)[1].numpy()
    return logits


def test_learning_rounds_as_the_exported_network_does(
    reader: Reader, exported: Path, tmp_path: Path
) -> None:
    plain = run_torch(reader)
    with rounded(reader):
        taught = run_torch(reader)
    target = tmp_path / "run.onnx"
    quantize(exported, target, "run")
    served = run(target)
    assert np.abs(taught - plain).mean() > 0.001  # rounding shows
    assert np.abs(served - taught).mean() < 0.3 * np.abs(served - plain).mean()


def test_rounding_leaves_the_network_as_it_was(reader: Reader) -> None:
    before = {name: x.clone() for name, x in reader.state_dict().items()}
    parameters = list(reader.parameters())
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    with rounded(reader):
        run_torch(reader)
        optimizer.step()  # without gradients: nothing moves
    after = reader.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], x) for name, x in before.items())
    assert all(a is b for a, b in zip(reader.parameters(), parameters, strict=True))


def test_gradients_reach_rounded_weights(reader: Reader) -> None:
    with rounded(reader):
        tensors = (torch.from_numpy(a) for a in (BATCH.ids, BATCH.mask, BATCH.pool))
        reader(*tensors)[1].sum().backward()
    weights = reader.bert.encoder.layer[0].intermediate.dense.weight  # type: ignore[union-attr]
    assert weights.grad is not None
    assert float(weights.grad.abs().sum()) > 0
    reader.zero_grad()


@pytest.mark.parametrize("activation_scale", ["row", "run"])
def test_heads_stay_as_they_were_and_can_be_replaced(
    reader: Reader, exported: Path, tmp_path: Path, activation_scale: str
) -> None:
    target, other = tmp_path / "8bit.onnx", tmp_path / "other.onnx"
    quantize(exported, target, activation_scale)
    weights, biases = read_heads(target)
    assert np.array_equal(weights, reader.heads.weight.detach().numpy())
    put_heads(target, other, weights[:2], biases[:2] + 1)
    assert np.allclose(run(other), run(target)[:, :2] + 1, atol=1e-5)


def test_a_scale_by_row_needs_no_learning(reader: Reader, exported: Path, tmp_path: Path) -> None:
    target = tmp_path / "row.onnx"
    quantize(exported, target, "row")
    assert np.abs(run(target) - run_torch(reader)).mean() < 0.02


@pytest.mark.parametrize("activation_scale", ["row", "run"])
def test_an_exported_network_can_be_read_back(
    reader: Reader, exported: Path, tmp_path: Path, activation_scale: str
) -> None:
    target = tmp_path / "8bit.onnx"
    quantize(exported, target, activation_scale)
    back = unpack(target, Marks())
    assert np.abs(run_torch(back) - run_torch(reader)).mean() < 0.01
    weights, steps = back.state_dict(), {"row": 127, "run": 64}[activation_scale]
    for name, was in reader.state_dict().items():
        assert float((weights[name] - was).abs().max()) <= float(was.abs().max()) / steps


def test_a_network_from_elsewhere_cannot_be_read_back(exported: Path) -> None:
    with pytest.raises(ModelError, match="读不回权重"):
        unpack(exported, Marks())
