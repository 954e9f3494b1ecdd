"""The measure of grouping by event: fitted weights separate, files are read, pairs are judged."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from eval.events import cross_validate, f1, fit, interval, main


def test_a_fit_finds_the_feature_that_decides() -> None:
    draw = np.random.default_rng(0)
    features = draw.normal(size=(200, 3)) * (1, 10, 100) + (0, 5, 50)
    gold = features[:, 1] > 5
    weights, intercept = fit(features, gold)
    assert ((features @ weights + intercept > 0) == gold).mean() > 0.95
    scores = [f1(gold, votes) for votes in cross_validate(features, gold)[:2]]
    assert min(scores) > 0.9
    noise = draw.random(200) > 0.5
    assert f1(noise, cross_validate(features, noise)[0]) < 0.7
    low, high = interval(gold, gold)
    assert (low, high) == (1.0, 1.0)


def test_the_command_prints_what_it_measures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"{i}县医院{i}1名医师下乡，就诊率达{80 + i}.{i}%。" for i in range(12)]
    rows = [{"id": f"a{i}", "text": text} for i, text in enumerate(texts)]
    rows += [
        {"id": f"b{i}", "date": "2024-05-16", "text": t + "另讯。"} for i, t in enumerate(texts)
    ]
    with gzip.open(tmp_path / "texts.jsonl.gz", "wt") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)
    pairs = [{"a": f"a{i}", "b": f"b{i}", "label": "same", "differs": []} for i in range(12)]
    pairs += [
        {"a": f"a{i}", "b": f"b{(i + 1) % 12}", "label": "different", "differs": []}
        for i in range(12)
    ]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(p) + "\n" for p in pairs))
    argv = ["events", str(tmp_path / "pairs.jsonl"), str(tmp_path / "texts.jsonl.gz")]
    monkeypatch.setattr("sys.argv", argv)
    main()
    printed = capsys.readouterr().out
    assert "pairs 24, of one event 12" in printed
    assert "cluster  F1" in printed
    assert "changed figures: 0 of 0" in printed
