"""Words with which clauses go on and no sentence begins are counted in texts."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from model.summary.starts import MIN_ODDS, load_starts, measure_start, opens_midway
from training.recipes.read_starts import write_starts
from training.summary.starts import count_starts


@pytest.mark.parametrize(
    "words", ["不断提升服务能力，惠及群众。", "目前，累计看病1200人次。", "取得了积极成效。"]
)
def test_later_clauses_are_known_by_their_start(words: str) -> None:
    assert opens_midway(words)


@pytest.mark.parametrize(
    "words", ["磐安县人民医院开诊。", "目前，全县有12家医院联网。", "近日，专家来到乡镇坐诊。"]
)
def test_sentences_are_too(words: str) -> None:
    assert not opens_midway(words)


def test_starts_are_counted_and_written(tmp_path: Path) -> None:
    text = "云岭县医院开诊了，取得积极成效。" * 40
    odds = count_starts([text])
    assert odds["取得"] > MIN_ODDS
    assert odds["云岭"] < -MIN_ODDS
    write_starts(odds, tmp_path / "starts.tsv")
    read = load_starts(tmp_path / "starts.tsv")
    assert read.keys() == odds.keys()
    assert math.isclose(read["取得"], odds["取得"], abs_tol=0.01)


def test_an_unseen_start_says_nothing() -> None:
    assert measure_start("囍囍囍") is None
