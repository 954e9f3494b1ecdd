"""The study of dirty texts: what it makes, and that it finds what crashes and hangs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from data.readers import Problem, read_file
from eval.bench import dirty_texts
from eval.bench.dirty_texts import Trial, try_all
from eval.bench.hostile_texts import make_hostile_texts
from eval.bench.mutations import WRITERS, damage, make_file, make_text
from model import Analyzer, Article, Report
from tests.conftest import ARTICLE

N_TEXTS = 6


class Broken:
    """An analyzer that hangs on one text and fails on another."""

    def analyze(self, article: Article, *, summary_chars: int) -> Report:
        if "没完没了" in article.text:
            time.sleep(60)
        raise ZeroDivisionError(summary_chars)


def load_broken(*_: object) -> Broken:
    return Broken()


def test_the_same_number_makes_the_same_dirt() -> None:
    texts = [ARTICLE]
    made = [make_text(texts, number, 1) for number in range(20)]
    assert made == [make_text(texts, number, 1) for number in range(20)]
    assert len(set(made)) == len(made)
    assert make_file(texts, 3, 1) == make_file(texts, 3, 1)


@pytest.mark.parametrize("suffix", WRITERS)
def test_the_files_are_sound_before_they_are_damaged(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(WRITERS[suffix](ARTICLE))
    items = list(read_file(path, path.name))
    assert items
    assert not [item for item in items if isinstance(item, Problem)]


def test_sound_code_has_no_faults(tmp_path: Path) -> None:
    trials = list(try_all(range(N_TEXTS), range(len(WRITERS)), 1, tmp_path))
    assert len(trials) == N_TEXTS + len(WRITERS)
    assert not [trial for trial in trials if trial.is_fault]


def test_a_crash_and_a_hang_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Analyzer, "load", load_broken)
    monkeypatch.setattr(dirty_texts, "LIMIT_S", 1.0)
    prover = dirty_texts._Prover()
    crashed = prover.prove("text", 1, ARTICLE)
    hung = prover.prove("text", 2, "云岭县医院说，这件事没完没了。" * 3)
    prover.close()
    assert (crashed.outcome, hung.outcome) == ("crashed", "hung")
    assert "ZeroDivisionError" in crashed.detail
    assert Trial("text", 1, "crashed", 0.1).is_fault


def test_hostile_texts_are_articles_with_something_repeated() -> None:
    texts = make_hostile_texts()
    assert len(set(texts)) == len(texts)
    assert all("云岭县" in text and len(text) > 1_000 for text in texts)


def test_damage_changes_a_file() -> None:
    from random import Random

    assert damage(b"x" * 1_000, Random(1)) != b"x" * 1_000
