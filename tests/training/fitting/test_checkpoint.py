from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from model.manifest import Manifest
from tests.training.tiny import train
from training.fitting.checkpoint import Checkpoint
from training.fitting.fine_tuning import FineTuning
from training.fitting.lower_layers import CachedExample

pytestmark = pytest.mark.usefixtures("little_data")


class KilledError(Exception):
    """Stands for a power cut."""


def test_a_killed_run_goes_on_and_ends_with_the_same_bits(
    tiny_base: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.fitting.fine_tuning.EVERY_STEPS", 2)
    learn, steps = FineTuning.learn, []

    def learn_or_die(self: FineTuning, batch: Sequence[CachedExample]) -> float:
        steps.append(self.step)
        if len(steps) == 6:
            raise KilledError
        return learn(self, batch)

    monkeypatch.setattr(FineTuning, "learn", learn_or_die)
    out = tmp_path / "two"
    with pytest.raises(KilledError):
        train(tiny_base, out)
    assert not out.exists()
    resumed = train(tiny_base, out)
    assert steps[:8] == [0, 1, 2, 3, 4, 5, 4, 5]
    undisturbed = Manifest.load(trained)
    assert replace(resumed, files={}) == replace(undisturbed, files={})
    assert resumed.files == undisturbed.files
    assert not list(tmp_path.glob("two.run/checkpoint*"))


def test_a_checkpoint_of_other_settings_or_damaged_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    Checkpoint(path, "one").save({"step": 3})
    assert Checkpoint(path, "one").load() == {"step": 3}
    assert Checkpoint(path, "two").load() is None
    path.write_bytes(path.read_bytes()[:100])
    assert Checkpoint(path, "one").load() is None
