from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from rich.console import Console

from data.loader import load_labelled
from data.themes import read_themes
from model.manifest import ENCODER_NAME, Manifest
from training.card import CARD_NAME
from training.recalibrate import recalibrate
from training.unpack import unpack

pytestmark = pytest.mark.usefixtures("little_data")


def test_thresholds_can_be_chosen_on_gold_articles(trained: Path, tmp_path: Path) -> None:
    articles = load_labelled(read_themes()).articles[:30]
    gold = tmp_path / "gold.jsonl"
    rows = (
        {"id": a.id, "text": a.text, "themes": sorted(a.themes), "borderline": sorted(a.borderline)}
        for a in articles
    )
    gold.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    old = Manifest.load(trained)
    new = recalibrate(trained, tmp_path / "out", Console(quiet=True), gold)
    assert new.metrics["data"]["calibration"]["articles"] == len(articles)  # none of our own
    assert set(new.metrics["out_of_fold"]) == {
        "precision", "recall", "f1", "false_alarms", "in_review", "precision_outside",
    }  # fmt: skip
    assert new.held_out == old.held_out
    was, now = (unpack(f / ENCODER_NAME, old.marks) for f in (trained, tmp_path / "out"))
    weights = now.state_dict()
    assert all(torch.equal(weights[name], x) for name, x in was.state_dict().items())
    assert [t.slope for t in new.themes] != [t.slope for t in old.themes]
    card = (tmp_path / "out" / CARD_NAME).read_text(encoding="utf-8")
    assert "no say" in card
    again = recalibrate(tmp_path / "out", tmp_path / "back", Console(quiet=True))
    assert again.themes == old.themes
    assert "out_of_fold" not in again.metrics
