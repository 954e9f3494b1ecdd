"""Themes that people make: labelled at once, counted, learned when there are enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.labels.files import read_labels, write_labels
from data.themes import read_own_themes, write_themes
from model import Analyzer, Article, InputError
from serving.corrections.changes import ThemeChange
from serving.corrections.labels import read_report
from serving.corrections.own_themes import (
    MAX_OWN,
    MIN_POSITIVES,
    add_theme,
    count_progress,
    list_own,
    mark_unasked,
    with_own,
)
from serving.corrections.store import accept, keep_answer, read_corrections, save_change
from serving.home.database import open_store
from tests.conftest import ARTICLE

KNOWN = {"alliance": "医共体"}
COVERS = "中医馆、中医科、师承"
PLACES = ("云岭", "青禾", "澄水", "石桥", "岭南", "岭北")


@pytest.fixture
def store() -> Iterator[Engine]:
    store = open_store("sqlite://")
    yield store
    store.dispose()


def confirm(store: Engine, analyzer: Analyzer, place: str, theme: str = "") -> int:
    report = analyzer.analyze(Article.from_raw(ARTICLE.replace("云岭", place)))
    document, seen = keep_answer(store, read_report(report.to_dict())), 0
    if theme:
        change = ThemeChange(what="theme", theme=theme, answer="yes", sentence=None)
        seen = save_change(store, document, 0, change, "兰").number
    accept(store, document, seen, "兰")
    return document


def test_a_theme_needs_a_name_of_its_own_and_what_it_covers(store: Engine) -> None:
    made = add_theme(store, " 中医药 ", COVERS, "兰", KNOWN)
    assert with_own(store, KNOWN) == {**KNOWN, made.key: "中医药"}
    for name, covers in (
        ("医共体", "甲"),
        ("中医药", "乙"),
        ("", "丙"),
        ("丁", " "),
        ("长" * 13, "戊"),
    ):
        with pytest.raises(InputError):
            add_theme(store, name, covers, "兰", KNOWN)
    for number in range(MAX_OWN - 1):
        add_theme(store, f"主题{number}", "某些事", "", KNOWN)
    with pytest.raises(InputError, match="最多"):
        add_theme(store, "再一个", "某些事", "", KNOWN)


def test_articles_count_that_were_confirmed_since(store: Engine, analyzer: Analyzer) -> None:
    confirm(store, analyzer, PLACES[0])
    made = add_theme(store, "中医药", COVERS, "兰", KNOWN)
    confirm(store, analyzer, PLACES[1], made.key)
    confirm(store, analyzer, PLACES[2])
    (progress,) = count_progress(store, KNOWN)
    assert (progress.name, progress.n_with, progress.n_asked) == ("中医药", 1, 2)
    assert not progress.is_enough
    assert count_progress(store, {**KNOWN, made.key: "中医药"}) == ()


def test_a_training_learns_what_is_enough_and_asks_nothing_of_older_articles(
    store: Engine, analyzer: Analyzer, tmp_path: Path
) -> None:
    confirm(store, analyzer, PLACES[0])
    enough = add_theme(store, "中医药", COVERS, "兰", KNOWN)
    few = add_theme(store, "托育", "托育机构", "兰", KNOWN)
    for place in PLACES[1:]:
        confirm(store, analyzer, place, enough.key)
    state = confirm(store, analyzer, "白河", few.key)
    assert state
    corrections, wanted, left_out = mark_unasked(
        read_corrections(store), list_own(store), analyzer.manifest.theme_names
    )
    assert [theme.name for theme in wanted] == ["中医药"]
    assert [(theme.name, theme.n_with) for theme in left_out] == [("托育", 1)]
    assert [enough.key in c.labelled.unasked for c in corrections] == [True, *[False] * 6]
    assert not any(few.key in c.labelled.themes for c in corrections)
    assert len(PLACES[1:]) == MIN_POSITIVES
    write_themes(tmp_path / "themes.yaml", [theme.entry for theme in wanted])
    entries = read_own_themes(tmp_path / "themes.yaml")
    assert [(e.key, e.name, e.description) for e in entries] == [(enough.key, "中医药", COVERS)]
    names = {**analyzer.manifest.theme_names, enough.key: enough.name}
    write_labels(tmp_path / "labels.jsonl", corrections, "jsonl", names)
    read = read_labels(tmp_path / "labels.jsonl", names)
    assert read.problems == []
    assert [c.labelled.unasked for c in read.corrections] == [
        c.labelled.unasked for c in corrections
    ]
    assert enough.at > corrections[0].at - timedelta(seconds=1)
