from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console

from model import Analyzer, Article
from model.manifest import ENCODER_NAME, Manifest
from tests.conftest import ARTICLE
from tests.training.tiny import TINY
from training.encoder.unpack import unpack
from training.fitting.half_weights import HalfWeights
from training.fitting.optimisation import half_precision
from training.recipes.refit import refit_model

pytestmark = pytest.mark.usefixtures("little_data")


def test_all_layers_go_on_learning_and_the_words_stay(trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "refitted"
    settings = replace(TINY, frozen_layers=0, passes=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made = refit_model(trained, out, settings, Console(quiet=True))
    old = Manifest.load(trained)
    assert made.metrics["refitted"] == old.version
    before, after = (
        unpack(folder / ENCODER_NAME, old.marks).state_dict() for folder in (trained, out)
    )
    words = "bert.embeddings.word_embeddings.weight"
    assert torch.allclose(before[words], after[words], atol=1e-3)  # rounded to 4 bits again
    layers = {name for name in before if name.startswith("bert.encoder") and "weight" in name}
    assert all(not torch.equal(before[name], after[name]) for name in layers)
    assert Analyzer.load(out).analyze(Article.from_raw(ARTICLE)).model == made.version


HALF = torch.bfloat16


def test_masters_take_steps_that_bfloat16_would_lose() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.ones_(network.weight)
    fitting = HalfWeights(network, lambda _: 1e-4, 0.0, lambda _: 1.0, 100, HALF)
    for _ in range(20):
        fitting.step(network(torch.ones(1, 1, dtype=HALF)).sum())
    fitting.finish()
    assert network.weight.dtype == torch.float32
    assert float(network.weight.detach()) == pytest.approx(1 - 20e-4, abs=1e-4)


def test_the_mean_of_the_last_steps_is_what_is_left() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.ones_(network.weight)
    fitting = HalfWeights(network, lambda _: 0.1, 0.0, lambda _: 1.0, 2, HALF)
    for _ in range(4):
        fitting.step(network(torch.ones(1, 1, dtype=HALF)).sum())
    fitting.finish()
    assert float(network.weight.detach()) == pytest.approx(1 - 0.35, abs=0.01)


@pytest.mark.parametrize("has_products", [True, False])
def test_a_processor_without_half_products_computes_in_whole_ones(
    has_products: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: has_products, raising=False
    )
    dtype = HALF if has_products else torch.float32
    network = torch.nn.Linear(2, 1, bias=False)
    before = network.weight.detach().clone()
    fitting = HalfWeights(network, lambda _: 0.1, 0.0, lambda _: 1.0, averaged_from=0)
    assert network.weight.dtype == dtype
    fitting.step(network(torch.ones(1, 2, dtype=dtype)).sum())
    fitting.finish()
    assert float((network.weight.detach() - before).abs().min()) > 0.05
    with half_precision():
        assert (torch.ones(1, 2) @ torch.ones(2, 1)).dtype == dtype
