from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel

from data.themes import read_themes
from tests.conftest import ARTICLE
from tests.training.tiny import read_little, train


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A character-level BERT of two narrow layers, as hubs keep them, with BERT's own marks."""
    folder = tmp_path_factory.mktemp("base")
    letters = sorted({c for t in read_themes() for c in t.description} | set(ARTICLE) - {"\n"})
    pieces = ["[PAD]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=128, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=256, max_position_embeddings=64,
    )  # fmt: skip
    bert = BertModel(config, add_pooling_layer=False)
    with torch.no_grad():
        for vector in (p for p in bert.parameters() if p.ndim == 1):
            vector.add_(torch.randn_like(vector) * 0.01)  # a base's are not all alike
    bert.save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def little_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Three files of the corpus, and no text from elsewhere."""
    with read_little(tmp_path_factory.mktemp("corpus")):
        yield


@pytest.fixture(scope="session")
def trained(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model trained on the little corpus alone."""
    out = tmp_path_factory.mktemp("trained") / "one"
    with read_little(tmp_path_factory.mktemp("corpus")):
        train(tiny_base, out)
    return out
