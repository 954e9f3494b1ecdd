"""Common alternatives: BERT-base by `transformers`, the same in int8, TF-IDF.

Weights are random: speed does not depend on them. torch and transformers are imported inside the
functions, since the other measurements do without them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from data.quiet import quiet

WINDOW_TOKENS = 512
N_LABELS = 4
_VOCAB = 21_128  # of bert-base-chinese
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

Run = Callable[[str], object]


def bert_base(texts: Sequence[str]) -> tuple[Run, Any]:
    """Return the `transformers` pipeline over 512-token windows, and the model in it."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, pipeline

    torch.manual_seed(0)
    config: Any = BertConfig(vocab_size=_VOCAB)
    config.num_labels = N_LABELS
    model: Any = BertForSequenceClassification(config)
    model.eval()
    classify = pipeline(
        "text-classification", model=model, tokenizer=_tokenizer(texts), top_k=None, device="cpu"
    )

    def run(text: str) -> object:
        return classify(_windows(text), batch_size=8)

    return run, model


def bert_base_int8(model: Any, texts: Sequence[str], scratch: Path) -> Run:
    """Export the same model to ONNX, quantise it dynamically; return a function that runs it."""
    import onnx
    import onnxruntime as ort
    from onnxruntime.quantization import QuantType, quantize_dynamic

    full, small = scratch / "bert.onnx", scratch / "bert-int8.onnx"
    with quiet():
        _export(model, full)
        network = onnx.load(full)
        del network.graph.value_info[:]  # the exporter's shapes of transposed weights mislead
        quantize_dynamic(network, small, weight_type=QuantType.QInt8, per_channel=True)
    session = ort.InferenceSession(str(small), providers=["CPUExecutionProvider"])
    tokenizer = _tokenizer(texts)

    def run(text: str) -> object:
        rows = tokenizer(_windows(text), return_tensors="np", padding=True)
        ids, mask = (rows[key].astype(np.int64) for key in ("input_ids", "attention_mask"))
        return session.run(None, {"ids": ids, "mask": mask})

    return run


def _export(model: Any, path: Path) -> None:
    import torch

    example = torch.zeros((2, 16), dtype=torch.int64)
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("tokens", max=WINDOW_TOKENS)}
    torch.onnx.export(
        model, (example, torch.ones_like(example)), str(path), dynamo=True, verbose=False,
        input_names=["ids", "mask"], output_names=["logits"],
        dynamic_shapes={"input_ids": axes, "attention_mask": axes},
    )  # fmt: skip


def tfidf_regression(texts: Sequence[str]) -> Run:
    """Return TF-IDF of character 1- to 3-grams with a logistic regression a label."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), max_features=200_000)
    features = vectorizer.fit_transform(texts)
    labels = np.arange(len(texts))[:, None] % np.arange(2, 2 + N_LABELS) == 0
    model = OneVsRestClassifier(LogisticRegression()).fit(features, labels)
    return lambda text: model.predict_proba(vectorizer.transform([text]))


def _windows(text: str) -> list[str]:
    """Cut a text into windows; with a character vocabulary a character is a token."""
    step = WINDOW_TOKENS - 2
    return [text[i : i + step] for i in range(0, len(text), step)]


def _tokenizer(texts: Sequence[str]) -> Any:
    """Return a BERT-like tokenizer whose vocabulary is the characters of the texts."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = sorted({c for text in texts for c in text})[: _VOCAB - len(_SPECIAL)]
    vocab = {piece: i for i, piece in enumerate([*_SPECIAL, *letters])}
    tokenizer = Tokenizer(models.WordLevel(vocab, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    names = dict(zip(("pad", "unk", "cls", "sep", "mask"), _SPECIAL, strict=True))
    wrap: Any = PreTrainedTokenizerFast
    return wrap(
        tokenizer_object=tokenizer,
        model_max_length=WINDOW_TOKENS,
        **{f"{name}_token": piece for name, piece in names.items()},
    )
