"""Weights are learned from choices, written, and read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.log_linear import Weights, choose, read_weights, weigh
from training.fitting.log_linear import Example, LogLinearSettings, fit_weights, write_weights

# `near` says what is right, `far` what is wrong, `red` nothing.
EXAMPLES: list[Example] = [
    [({"near"}, True), ({"far", "red"}, False)],
    [({"near", "red"}, True), ({"far"}, False)],
] * 10


def test_what_is_right_more_often_weighs_more() -> None:
    weights = Weights(fit_weights(EXAMPLES, LogLinearSettings()))
    assert weights["near"] > weights["red"] > weights["far"]
    assert choose({"a": {"far"}, "b": {"near"}, "c": {"never seen"}}, weights) == "b"


def test_features_that_are_seldom_seen_are_left_out() -> None:
    examples = [*EXAMPLES, [({"seldom"}, True), (set(), False)]]
    assert "seldom" not in fit_weights(examples, LogLinearSettings(least_seen=2))


def test_weights_are_read_as_they_were_written(tmp_path: Path) -> None:
    table = tmp_path / "weights.tsv"
    assert write_weights(table, {"one": {"near": 1.25}, "other": {"far": -0.5}}) == 2
    assert read_weights(table, "one") == {"near": 1.25, "far": 0.0}
    assert read_weights(table, "other") == {"near": 0.0, "far": -0.5}


def test_probabilities_add_up_and_follow_the_weights() -> None:
    shares = weigh({"a": {"near"}, "b": {"far"}}, Weights({"near": 2.0, "far": 1.0}))
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["a"] / shares["b"] == pytest.approx(2.718, abs=0.01)


def test_the_order_of_features_decides_no_tie() -> None:
    weights = Weights({"one": 0.1, "two": 0.2, "three": 0.3})
    forth, back = ["one", "two", "three"], ["three", "two", "one"]
    assert choose({"first": back, "second": forth}, weights) == "first"
    assert choose({"first": forth, "second": back}, weights) == "first"
