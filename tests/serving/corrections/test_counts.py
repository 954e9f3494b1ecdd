"""How many articles a training could learn from, and how many were confirmed as they were."""

from __future__ import annotations

from sqlalchemy import Engine

from model import Analyzer, Article
from serving.corrections.changes import ThemeChange
from serving.corrections.counts import count_accepted
from serving.corrections.labels import read_report
from serving.corrections.store import accept, keep_answer, save_change
from serving.home.database import open_store
from tests.conftest import ARTICLE


def test_what_was_confirmed_and_what_as_it_was(analyzer: Analyzer) -> None:
    store: Engine = open_store("sqlite://")
    names = analyzer.manifest.theme_names
    numbers = []
    for place in ("云岭", "青禾", "澄水"):
        report = analyzer.analyze(Article.from_raw(ARTICLE.replace("云岭", place)))
        numbers.append(keep_answer(store, read_report(report.to_dict())))
    accept(store, numbers[0], 0, "兰")
    change = ThemeChange(what="theme", theme="smart", answer="yes", sentence=None)
    state = save_change(store, numbers[1], 0, change, "兰", names)
    accept(store, numbers[1], state.number, "兰")
    counts = count_accepted(store)
    assert (counts.n_accepted, counts.n_unchanged) == (2, 1)
    assert counts.by_theme["alliance"] == 2
    assert counts.by_theme["smart"] == 1
