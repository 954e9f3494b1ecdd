"""The command that kills: it notices what is lost, and a few kills lose nothing."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from eval.bench.kills import LostError, kill_once, kill_store


def count_to(path: Path) -> None:
    for number in range(1_000_000):
        path.write_text(str(number))
        print(number, flush=True)
        time.sleep(0.001)


def fail(_: Path) -> None:
    raise SystemExit(3)


def test_what_a_victim_printed_comes_back_and_it_is_dead(tmp_path: Path) -> None:
    lines = kill_once(count_to, tmp_path / "n", after=3, later_s=0.05)
    assert lines == [str(number) for number in range(len(lines))]
    assert len(lines) >= 3
    left = (tmp_path / "n").read_text()
    assert left in ("", str(len(lines) - 1), str(len(lines)))
    time.sleep(0.05)
    assert (tmp_path / "n").read_text() == left


def test_a_victim_that_cannot_begin_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(LostError, match="fail ended with status 3"):
        kill_once(fail, tmp_path, after=0, later_s=1.0)


def test_a_few_kills_of_the_store_lose_nothing(tmp_path: Path) -> None:
    kill_store(tmp_path, 3, random.Random(1))
