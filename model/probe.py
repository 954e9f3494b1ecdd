"""Probe: does this machine compute what the machine computed on which thresholds were chosen?

8-bit kernels differ between processors and releases of the runtime. A model carries a few
sentences with the logits they had when it was calibrated; loading it reads them again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.article import Article
from model.encoder import Encoder
from model.errors import ModelError
from model.manifest import Probe
from model.themes import pool_logits
from model.windows import FloatArray

# Mean absolute change of a pooled logit. 8-bit activations against exact ones change the shipped
# model's by 0.05; 0.25 moves a score at the threshold by some 0.06.
WARN_DRIFT = 0.25
REFUSE_DRIFT = 2.5


def ask_probe(encoder: Encoder, texts: Sequence[str]) -> FloatArray:
    """Return pooled logits of texts, shape (texts, themes)."""
    readings = [encoder.read(Article.from_raw(text)) for text in texts]
    return np.stack([pool_logits(reading.theme_logits) for reading in readings])


def check_probe(encoder: Encoder, probe: Probe | None) -> tuple[str, ...]:
    """Compare with what the probe expects; return the warning that every report is to carry.

    Raises:
        ModelError: what comes out has nothing to do with what was expected.
    """
    if probe is None:
        return ()
    drift = float(np.abs(ask_probe(encoder, probe.texts) - np.array(probe.logits)).mean())
    if drift <= WARN_DRIFT:
        return ()
    if drift <= REFUSE_DRIFT:
        return (
            f"本机算出的主题得分与模型校准时不一致（平均相差 {drift:.2f}），"
            "判断可能不准，请多加复核；可用 yiwen train 在本机重新训练",
        )
    raise ModelError(
        f"模型在本机算出的结果完全不对（探测句平均相差 {drift:.2f}，应不超过 {WARN_DRIFT}）："
        "请升级 openvino，或用 yiwen train 在本机重新训练"
    )
