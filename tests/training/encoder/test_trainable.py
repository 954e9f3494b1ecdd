from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from model.theme_scoring import pool_logits
from model.windows import Segment, SpecialTokens, Window, make_batch
from training.encoder.trainable import TrainableNetwork, pool_article, to_tensors

WINDOWS = [Window((Segment(0, (7, 8, 9)), Segment(1, (6,)))), Window((Segment(2, (9, 5)),))]


def test_training_and_serving_pool_alike() -> None:
    logits = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    assert pool_article(torch.from_numpy(logits)).numpy() == pytest.approx(
        pool_logits(logits), abs=1e-5
    )


@pytest.fixture
def network() -> TrainableNetwork:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=16, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64, max_position_embeddings=16,
    )  # fmt: skip
    made = TrainableNetwork(BertModel(config, add_pooling_layer=False), 2, SpecialTokens()).eval()
    with torch.no_grad():
        for weights in made.bert.parameters():
            weights.add_(torch.randn_like(weights) * 0.2)
    return made


@torch.no_grad()
def test_states_are_the_librarys_own(network: TrainableNetwork) -> None:
    for window in WINDOWS:
        batch = make_batch([window], network.marks)
        theirs = network.bert(input_ids=torch.from_numpy(batch.ids)[None]).last_hidden_state[0]
        ours = network(**to_tensors(batch))[0]
        assert torch.allclose(ours, torch.from_numpy(batch.pool) @ theirs, atol=1e-5)


@pytest.mark.parametrize("multiple", [1, 8])
@torch.no_grad()
def test_a_window_is_read_as_if_it_were_alone(network: TrainableNetwork, multiple: int) -> None:
    together = network(**to_tensors(make_batch(WINDOWS, network.marks, multiple)))[1]
    alone = [network(**to_tensors(make_batch([window], network.marks)))[1] for window in WINDOWS]
    assert torch.allclose(together, torch.cat(alone), atol=1e-5)


@torch.no_grad()
def test_the_upper_layers_go_on_where_the_lower_ones_stopped(network: TrainableNetwork) -> None:
    inputs = to_tensors(make_batch(WINDOWS, network.marks))
    vectors = network(**inputs)[0]
    pool = inputs.pop("pool")
    lower = network.run_lower(**inputs, n_layers=1)
    upper = network.run_upper(lower, inputs["slots"], inputs["places"], 1)
    assert torch.allclose(pool @ upper, vectors, atol=1e-6)
