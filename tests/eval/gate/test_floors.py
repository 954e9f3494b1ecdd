from __future__ import annotations

from pathlib import Path

import pytest

from data.corpus.duplicates import find_known
from data.corpus.loader import load_labelled
from data.gold import read_gold_articles
from data.themes import read_themes
from eval.gate.floors import GOLD, Failure, find_failures, measure_gold, read_floors
from model import Analyzer


def test_the_shipped_model_reaches_the_floors(analyzer: Analyzer) -> None:
    assert find_failures(measure_gold(analyzer), read_floors()) == []


def test_floors_and_ceilings() -> None:
    floors = {"micro.f1": 0.8, "false_alarms": 0.1, "exact": 0.5}
    values = {"micro.f1": 0.79, "false_alarms": 0.11, "exact": float("nan")}
    assert [f.key for f in find_failures(values, floors)] == ["micro.f1", "false_alarms", "exact"]
    assert find_failures({"micro.f1": 0.8, "false_alarms": 0.1, "exact": 0.5}, floors) == []
    assert find_failures({"micro.f1": 0.1}, {"micro.f1": 0.8}) == [Failure("micro.f1", 0.1, 0.8)]


def test_a_floor_for_no_measure_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "floors.toml"
    path.write_text('"micro.f2" = 0.5\n')
    with pytest.raises(KeyError, match=r"micro\.f2"):
        read_floors(path)


def test_no_gold_article_is_trained_on() -> None:
    themes = read_themes()
    golds = read_gold_articles(GOLD, frozenset(theme.key for theme in themes))
    trained = load_labelled(themes).articles
    assert find_known([g.text for g in golds], [a.text for a in trained]) == [None] * len(golds)
    assert {g.id for g in golds}.isdisjoint(a.id for a in trained)
