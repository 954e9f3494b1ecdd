from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.themes import ThemeEntry
from tests.training.tiny import TINY
from training.fitting.examples import BORDERLINE
from training.packaging.calibrate import HeldOut, calibrated_loss, fit_settings, measure_review

ENTRIES = (ThemeEntry("a", "甲", "述"), ThemeEntry("b", "乙", "述"))


def noisy(n: int, sharpness: float) -> HeldOut:
    """Two themes whose logits tell the truth: a label holds as often as its score says."""
    random = np.random.default_rng(0)
    logits = random.normal(-1, sharpness, size=(n, 2))
    labels = (random.random(size=(n, 2)) < 1 / (1 + np.exp(-logits))).astype(float)
    return HeldOut(logits, labels)


def test_a_calibrated_loss_looks_at_the_ranking_alone() -> None:
    sharp, blunt = noisy(400, 6.0), noisy(400, 1.0)
    assert calibrated_loss(sharp) < calibrated_loss(blunt)
    tripled = HeldOut(3 * sharp.logits, sharp.labels)
    assert calibrated_loss(tripled) == pytest.approx(calibrated_loss(sharp), abs=0.01)


def test_calibration_separates_and_ignores_borderline() -> None:
    theme = ThemeEntry("k", "名", "述")
    logits = np.array([-3.0, -2.0, -1.5, 1.0, 2.0, 9.0], dtype=np.float32)
    labels = np.array([0, 0, 0, 1, 1, 0.5], dtype=np.float32)
    found = HeldOut(logits[:, None], labels[:, None])
    (setting,) = fit_settings([theme], found, TINY)
    (again,) = fit_settings([theme], HeldOut(logits[:-1, None], labels[:-1, None]), TINY)
    assert replace(setting, review=(0, 0)) == replace(again, review=(0, 0))
    assert setting.slope > 0
    assert setting.review[0] <= setting.threshold <= setting.review[1]


@pytest.mark.parametrize("promise", [0.8, 0.93])
def test_outside_the_band_precision_is_as_promised_on_other_articles(promise: float) -> None:
    every = noisy(4000, 3.0)
    chosen_on = HeldOut(every.logits[:400], every.labels[:400])
    settings = replace(TINY, review_precision=promise)
    themes = fit_settings(ENTRIES, chosen_on, settings)
    review = measure_review(themes, HeldOut(every.logits[400:], every.labels[400:]), settings)
    assert review["precision"] >= promise - 0.03
    assert review["accepted_outside"] > 500


def test_a_clear_model_spends_its_review_on_what_it_may_have_missed() -> None:
    clear = noisy(400, 12.0)
    settings = replace(TINY, review_share=0.1)
    themes = fit_settings(ENTRIES, clear, settings)
    assert all(theme.review[0] < theme.threshold for theme in themes)
    assert measure_review(themes, clear, settings)["articles_in_review"] <= 0.1


def test_a_borderline_label_does_not_count_in_what_is_reached() -> None:
    found = noisy(200, 3.0)
    labels = found.labels.copy()
    labels[:50, 0] = BORDERLINE
    themes = fit_settings(ENTRIES, found, TINY)
    counted = measure_review(themes, HeldOut(found.logits, labels), TINY)["accepted_outside"]
    rest = HeldOut(found.logits[50:], found.labels[50:])
    n_rest = measure_review(themes, rest, TINY)["accepted_outside"]
    first = HeldOut(found.logits[:50, 1:], found.labels[:50, 1:])
    assert counted == n_rest + measure_review(themes[1:], first, TINY)["accepted_outside"]
