"""The learned choice learns what a summary tells, and its file says what it said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from model import ModelError
from model.summary.choice.features import FEATURES
from model.summary.choice.network import ChoiceNetwork
from training.summary.examples import ChoiceExample
from training.summary.export import export_choice
from training.summary.fit import ChoiceSettings, fit_choice
from training.summary.objective import score_summary

HIDDEN = 16


def make_examples(n: int) -> list[ChoiceExample]:
    """Clauses that are told where their first feature and their first state say so."""
    drawn = np.random.default_rng(0)
    examples = []
    for group in range(n):
        n_clauses = int(drawn.integers(5, 300 if group == 0 else 20))
        features = drawn.normal(size=(n_clauses, len(FEATURES))).astype(np.float32)
        vectors = drawn.normal(size=(n_clauses, HIDDEN)).astype(np.float32)
        told = (features[:, 0] + vectors[:, 0] > 0).astype(np.float32)
        n_chars = drawn.integers(4, 40, n_clauses).astype(np.float32)
        examples.append(ChoiceExample(features, vectors, told, n_chars, group))
    return examples


def test_the_file_says_what_the_head_said_and_the_head_learns(tmp_path: Path) -> None:
    examples = make_examples(80)
    steps: list[int] = []
    head = fit_choice(
        examples[10:],
        ChoiceSettings(epochs=12, batch_articles=4, width=16, warm_up_steps=5, rate=3e-3),
        lambda step, _: steps.append(step),
    )
    assert steps == list(range(1, len(steps) + 1))
    export_choice(head, tmp_path / "choice")
    network = ChoiceNetwork.load(tmp_path / "choice")
    right = []
    for example in examples[1:10]:
        found = network.score(example.features, example.vectors)
        with torch.no_grad():
            said = head(
                torch.from_numpy(example.features[None]),
                torch.from_numpy(example.vectors[None]),
                torch.zeros(1, len(found)),
            )[0].numpy()
        np.testing.assert_allclose(found, said, atol=0.02)
        right += list((found > 0) == (example.told > 0))
    assert np.mean(right) > 0.8


def test_a_long_article_is_read_part_by_part(tmp_path: Path) -> None:
    examples = make_examples(4)
    head = fit_choice(examples, ChoiceSettings(epochs=1, width=16))
    export_choice(head, tmp_path / "choice")
    network = ChoiceNetwork.load(tmp_path / "choice")
    long = np.concatenate([examples[1].features] * 120)
    assert len(network.score(long, np.zeros((len(long), HIDDEN), np.float32))) == len(long)


@pytest.mark.parametrize("content", [b"", b"\x08\0\0\0\0\0\0\0{}", b"x" * 40])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "choice").write_bytes(content)
    with pytest.raises(ModelError):
        ChoiceNetwork.load(tmp_path / "choice")


def test_a_summary_is_scored_by_what_it_tells_of_a_pick() -> None:
    parts = ["云岭县派出12支医疗队到乡镇坐诊，", "看病的人都说方便。"]
    whole = score_summary("云岭县派出12支医疗队到乡镇坐诊，看病的人都说方便。", parts)
    assert (whole.recall, whole.is_whole) == (1, True)
    assert whole.precision > 0.9  # the pair at the seam of two parts is no part's own
    half = score_summary("云岭县派出12支医疗队到乡镇坐诊。", parts)
    assert 0.5 < half.recall < 1  # the clause with a number counts for more
    assert not half.is_whole
    assert score_summary("天气很好。", parts).recall == 0
