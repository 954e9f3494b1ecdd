from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console

from data.command import run_command
from data.corpus.loader import load_labelled
from data.themes import read_themes
from model import InputError
from model.analyzer import DEFAULT_MODEL
from model.figures.reading.reader import READER_NAME
from model.manifest import ENCODER_NAME, Manifest, hash_file
from model.summary.choice.network import CHOICE_NAME
from training.encoder.onnx_export import put_heads, read_heads
from training.encoder.unpack import unpack
from training.packaging.model_card import CARD_NAME
from training.recipes.recalibrate import _copy_old, main, recalibrate

pytestmark = pytest.mark.usefixtures("little_data")


def test_all_heads_of_a_model_come_along(tmp_path: Path) -> None:
    kept = _copy_old(DEFAULT_MODEL, tmp_path)
    for head in (READER_NAME, CHOICE_NAME):
        assert kept.files[head] == hash_file(tmp_path / head)


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
    assert new.metrics["data"]["sha256"] == old.metrics["data"]["sha256"]
    assert new.metrics["chosen"] == old.metrics["chosen"]
    was, now = (unpack(f / ENCODER_NAME, old.marks) for f in (trained, tmp_path / "out"))
    weights = now.state_dict()
    assert all(torch.equal(weights[name], x) for name, x in was.state_dict().items())
    assert [t.slope for t in new.themes] != [t.slope for t in old.themes]
    card = (tmp_path / "out" / CARD_NAME).read_text(encoding="utf-8")
    assert "no say" in card
    assert "校准文章上 reached" in card
    again = recalibrate(tmp_path / "out", tmp_path / "back", Console(quiet=True))
    assert again.themes == old.themes
    assert "out_of_fold" not in again.metrics


def test_nothing_but_a_model_is_replaced(trained: Path, tmp_path: Path) -> None:
    note = tmp_path / "own" / "note.txt"
    note.parent.mkdir()
    note.write_text("私事", encoding="utf-8")
    with pytest.raises(InputError, match="不是模型文件夹"):
        recalibrate(trained, note.parent, Console(quiet=True))
    assert note.is_file()


def test_every_theme_is_calibrated_on_the_logits_of_its_own_head(
    trained: Path, tmp_path: Path
) -> None:
    """A model whose heads stand in another order than our list of themes."""
    turned, out = tmp_path / "turned", tmp_path / "out"
    shutil.copytree(trained, turned)
    weights, biases = read_heads(trained / ENCODER_NAME)
    order = [*range(len(weights) - 2, -1, -1), len(weights) - 1]
    put_heads(trained / ENCODER_NAME, turned / ENCODER_NAME, weights[order], biases[order])
    old = Manifest.load(trained)
    files = old.files | {ENCODER_NAME: hash_file(turned / ENCODER_NAME)}
    replace(old, themes=old.themes[::-1], files=files).save(turned)
    new = recalibrate(turned, out, Console(quiet=True))
    straight = {theme.key: theme for theme in old.themes}
    assert [theme.key for theme in new.themes] == [*straight][::-1]
    slopes = [(theme.slope, theme.bias) for theme in new.themes]
    expected = [(straight[t.key].slope, straight[t.key].bias) for t in new.themes]
    assert np.allclose(slopes, expected, atol=1e-4)


def test_a_theme_that_is_not_ours_is_a_clear_error(trained: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(trained, own)
    old = Manifest.load(trained)
    herb = replace(old.themes[0], key="herb", name="草药")
    replace(old, themes=(herb, *old.themes[1:])).save(own)
    with pytest.raises(InputError, match="草药"):
        recalibrate(own, tmp_path / "out", Console(quiet=True))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "Usage"),
        (["model"], 2, "Usage"),
        (["a", "b", "c", "d"], 2, "Usage"),
        (["nowhere", "out"], 1, "错误：nowhere 不是模型文件夹"),
    ],
)
def test_what_cannot_be_done_is_told(
    arguments: list[str],
    status: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["recalibrate", *arguments])
    with pytest.raises(SystemExit) as ended:
        run_command(main)
    assert ended.value.code == status
    assert message in capsys.readouterr().err
