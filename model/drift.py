"""Drift: whether this machine computes what was computed where the thresholds were chosen.

8-bit kernels differ between processors and releases of the runtime. A manifest carries a probe: a
few sentences with the logits they had at calibration. Loading a model computes them again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.arrays import FloatArray
from model.article import Article
from model.encoder import Encoder
from model.errors import ModelError
from model.manifest import Probe
from model.theme_scoring import pool_logits

# Mean absolute change of a pooled logit. 8-bit activations against exact ones change the shipped
# model's by 0.05; 0.25 moves a score at the threshold by some 0.06.
WARN_DRIFT = 0.25
REFUSE_DRIFT = 2.5


def probe_logits(encoder: Encoder, texts: Sequence[str]) -> FloatArray:
    """Return pooled logits of texts, shape (texts, themes)."""
    encoded = [encoder.encode(Article.from_raw(text)) for text in texts]
    return np.stack([pool_logits(one.theme_logits) for one in encoded])


def check_drift(encoder: Encoder, probe: Probe | None) -> tuple[str, ...]:
    """Compute the probe's logits and compare; return the warning that every report has to carry.

    Raises:
        ModelError: the logits have nothing to do with the expected ones, or are not of as many
            themes.
    """
    if probe is None:
        return ()
    found, expected = probe_logits(encoder, probe.texts), np.array(probe.logits)
    if found.shape != expected.shape:
        raise ModelError(
            f"网络应给出 {expected.shape[1]} 个主题的得分，"
            f"实为 {found.shape[1]} 个：清单与网络不是一套",
            code="model_damaged",
        )
    drift = float(np.abs(found - expected).mean())
    if drift <= WARN_DRIFT:
        return ()
    if drift <= REFUSE_DRIFT:
        return (
            f"本机算出的主题得分与模型校准时不一致（平均相差 {drift:.2f}），"
            "判断可能不准，请多加复核",
        )
    raise ModelError(
        f"模型在本机算出的结果完全不对（探测句平均相差 {drift:.2f}，应不超过 {WARN_DRIFT}）",
        code="drift_too_large",
        drift=round(drift, 2),
    )
