from __future__ import annotations

import numpy as np
import pytest
import torch

from model.themes import pool_logits
from training.network import pool_article


def test_training_and_serving_pool_alike() -> None:
    logits = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    assert pool_article(torch.from_numpy(logits)).numpy() == pytest.approx(
        pool_logits(logits), abs=1e-5
    )
