"""How far an exported classifier agrees with the full model, in all and theme by theme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.metrics import f1_score
from tokenizers import Tokenizer
from transformers import BertForSequenceClassification, PreTrainedTokenizerFast

from model import Analyzer, Article, ModelError
from model.arrays import BoolArray, FloatArray
from training.classifier.fit_classifier import BATCH_TEXTS, ScoredText, score_texts

# A theme on which both agree less, in the F1 of the yes, is not exported; it is measured from so
# many windows with the theme.
MIN_F1, MIN_YES = 0.7, 5


@dataclass(frozen=True)
class Agreement:
    """Agreement of two classifiers on `n` texts, label by label.

    `decisions` is the share of labels with the same decision. As most decisions are no, `f1` is the
    F1 of one's positive decisions against the other's. None without decisions to compare. `n_yes`
    counts the full model's positive decisions.
    """

    n: int
    decisions: float | None
    f1: float | None
    n_yes: int = 0

    @classmethod
    def of(cls, expected: BoolArray, predicted: BoolArray) -> Agreement:
        """Compare decisions, shape (texts, themes)."""
        if not expected.size:
            return cls(0, None, None)
        f1 = None
        if expected.any():
            f1 = f1_score(expected, predicted, average="micro", zero_division=0.0)
        decisions = float((expected == predicted).mean())
        return cls(len(expected), decisions, f1, int(expected.sum()))


@dataclass(frozen=True)
class Agreements:
    """Agreement on windows, on articles of one window, and of each theme on windows, by key."""

    windows: Agreement
    articles: Agreement
    themes: dict[str, Agreement]

    def find_unknown(self) -> list[str]:
        """Return the keys of themes that too few windows have to be measured."""
        return [key for key, one in self.themes.items() if one.n_yes < MIN_YES]

    def check(self, names: Mapping[str, str]) -> None:
        """Refuse a classifier that has unlearned a theme.

        Args:
            names: name of each theme, by key.

        Raises:
            ModelError: both agree too little on a theme.
        """
        low = [
            f"{names[key]} {one.f1:.2f}（{one.n_yes} 个窗口有它）"
            for key, one in self.themes.items()
            if one.n_yes >= MIN_YES and one.f1 is not None and one.f1 < MIN_F1
        ]
        if low:
            raise ModelError(
                f"没有导出：这些主题与完整模型不够一致（F1 至少 {MIN_F1}）：{'、'.join(low)}",
                code="classifier_disagrees",
            )


def measure_agreement(
    analyzer: Analyzer,
    classifier: BertForSequenceClassification,
    wrapped: PreTrainedTokenizerFast,
    articles: Iterable[Article],
    tokenizer: Tokenizer,
) -> Agreements:
    """Compare decisions on windows of articles, and on articles that fit one window."""
    texts: list[ScoredText] = []
    whole: list[bool] = []
    for article in articles:
        own = list(score_texts(analyzer, [article], tokenizer))
        texts += own
        whole += [one.text == article.text.strip() for one in own]
    thresholds = [theme.threshold for theme in analyzer.manifest.themes]
    shape = (len(texts), len(thresholds))
    expected = np.array([one.scores for one in texts]).reshape(shape) >= thresholds
    scores = classify([one.text for one in texts], classifier, wrapped).reshape(shape)
    predicted = scores >= thresholds
    is_whole = np.array(whole, dtype=bool)
    keys = analyzer.manifest.theme_names
    return Agreements(
        Agreement.of(expected, predicted),
        Agreement.of(expected[is_whole], predicted[is_whole]),
        {k: Agreement.of(expected[:, [i]], predicted[:, [i]]) for i, k in enumerate(keys)},
    )


def classify(
    texts: Sequence[str],
    classifier: BertForSequenceClassification,
    wrapped: PreTrainedTokenizerFast,
) -> FloatArray:
    """Return the classifier's scores, shape (texts, themes)."""
    rows = []
    for start in range(0, len(texts), BATCH_TEXTS):
        batch = list(texts[start : start + BATCH_TEXTS])
        inputs = wrapped(batch, padding=True, truncation=True, return_tensors="pt")
        inputs.pop("token_type_ids", None)
        with torch.inference_mode():
            rows.append(torch.sigmoid(classifier(**inputs).logits).numpy())
    return np.concatenate(rows) if rows else np.zeros((0, 0))
