from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from model.manifest import ThemeSetting
from training.fitting.metrics import decisions, rank_precision
from training.packaging.calibrate import HeldOut
from training.packaging.run_folder import draw_curves

THEMES = [ThemeSetting(key, key, 1.0, 0.0, 0.5, (0.5, 0.5)) for key in ("asked", "unsure")]


def test_a_theme_without_a_label_that_counts_scores_nothing() -> None:
    labels = np.array([[1, 0.5], [0, 0.5]], dtype=np.float32)
    found = HeldOut(np.array([[2, 2], [-2, 2]], dtype=np.float32), labels)
    counted = decisions(THEMES, found)
    assert counted["asked"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "articles": 1}
    assert counted["unsure"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "articles": 0}
    assert rank_precision(["asked", "unsure"], found) == {"asked": 1.0, "unsure": None}


def test_a_fit_without_heads_draws_an_empty_curve(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw_curves({}, tmp_path / "loss.png")
        draw_curves({"医共体": [1.0, 0.5]}, tmp_path / "loss.png")  # no character without a shape
    assert (tmp_path / "loss.png").stat().st_size > 0
