from __future__ import annotations

import pytest
import torch
from tokenizers import Tokenizer

from data.corpus.annotated import read_corpus
from data.corpus.loader import CORPUS_FOLDER
from data.themes import read_themes
from model import Article
from training.encoder.coverage import unknown_share
from training.encoder.packed_base import SPECIAL, PackedBase, packed_path

SENTENCES = (
    "县人民医院与16家乡镇卫生院组成紧密型医共体，双向转诊3260人次。",
    "去年，全市家庭医生签约服务覆盖率达到42.3%，提高4.8个百分点！",
    "“小病不出村、大病有人接”，村医王某说（记者 李某）。",
)


@pytest.fixture(scope="module")
def full() -> PackedBase:
    return PackedBase.read(packed_path())


def embed(base: PackedBase, tokenizer: Tokenizer, text: str) -> torch.Tensor:
    ids = [SPECIAL.index("<s>"), *tokenizer.encode(text).ids, SPECIAL.index("</s>")]
    with torch.no_grad():
        states: torch.Tensor = base.to_bert()(torch.tensor([ids])).last_hidden_state
    return states.mean(dim=1)[0]


def test_trimming_leaves_embeddings_as_they_were(full: PackedBase) -> None:
    trimmed = full.trim()
    assert len(trimmed.pieces) < len(full.pieces) / 10
    for text in SENTENCES:
        before = embed(full, full.to_tokenizer(), text)
        after = embed(trimmed, trimmed.to_tokenizer(), text)
        assert torch.allclose(before, after, atol=1e-4)


def test_like_sentences_are_closer_than_unlike_ones(full: PackedBase) -> None:
    trimmed = full.trim()
    tokenizer = trimmed.to_tokenizer()
    texts = ("县医院与卫生院结成医共体", "县域医共体实行双向转诊", "股价今日大幅上涨")
    one, like, unlike = (embed(trimmed, tokenizer, text) for text in texts)
    assert torch.cosine_similarity(one, like, 0) > torch.cosine_similarity(one, unlike, 0) + 0.05


def test_hardly_a_token_of_simplified_news_is_unknown(full: PackedBase) -> None:
    keys = frozenset(theme.key for theme in read_themes())
    texts = [Article.from_raw(a.text).text for a in read_corpus(CORPUS_FOLDER, keys)]
    assert unknown_share(full.trim().to_tokenizer(), texts) < 0.002


def test_token_offsets_are_offsets_into_the_text(full: PackedBase) -> None:
    tokenizer = full.trim().to_tokenizer()
    text = "近日，“12 家”医院：增长15%……（完）"
    spans = tokenizer.encode(text).offsets
    assert "".join(text[a:b] for a, b in spans) == text
