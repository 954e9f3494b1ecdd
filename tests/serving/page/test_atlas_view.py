"""Views of 图谱: cells open their receipts, texts are escaped, what is missing is said."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from model import InputError
from serving.atlas.atlas import build_atlas
from serving.atlas.pivot import FactFilter
from serving.atlas.promises import Outcome, follow_promises
from serving.atlas.questions import Question, ask
from serving.atlas.settlements import Settlement, Verdict
from serving.page.atlas.tab import _read_year
from serving.page.atlas.view import (
    show_answer,
    show_contradictions,
    show_pivot,
    show_promises,
)
from serving.page.phrases import read_phrases
from tests.serving.atlas.reports import RATE, make_rate
from tests.serving.atlas.test_promises import make_target
from tests.serving.page.test_views import EVIL


def make_evil() -> tuple:
    records = [
        make_rate(2023, "90.6%", title=EVIL, source=EVIL, opening=EVIL),
        make_rate(2023, "92.2%", title=EVIL, source="甲报"),
        make_target(2025),
        make_rate(2022, "80%", cells={"body": None}),
    ]
    atlas = build_atlas(records)
    key = next(fact.key for fact in atlas.facts if fact.shown == "90.6%")
    return atlas, key


def test_a_cell_opens_its_receipts() -> None:
    atlas, key = make_evil()
    closed, opened = (show_pivot(atlas, FactFilter(), k) for k in ("", key))
    assert "<mark>" not in closed
    assert "90.6% / 92.2%" in closed
    assert opened.count("<mark>") == 2
    assert "1 个数待核" in closed


def test_texts_are_escaped_and_verdicts_offered() -> None:
    atlas, key = make_evil()
    (found,) = atlas.contradictions
    settled = {found.key: Settlement(Verdict.ONE, EVIL, datetime(2026, 5, 1, tzinfo=UTC))}
    answer = ask(atlas.facts, Question("金堂县", RATE, 2023))
    html = [
        show_pivot(atlas, FactFilter(), key), show_answer(answer),
        show_promises(follow_promises(atlas.facts, date(2026, 5, 1))),
        show_contradictions(atlas.contradictions, settled),
    ]  # fmt: skip
    assert all("<script" not in part and "<img" not in part for part in html)
    assert "data-act='open'" in html[-1]
    unsettled = show_contradictions(atlas.contradictions, {})
    assert [f"data-act='{v}'" in unsettled for v in ("one", "other", "neither")] == [True] * 3


def test_what_is_missing_is_said() -> None:
    empty, full = build_atlas([]), make_evil()[0]
    assert "还没有数" in show_pivot(empty, FactFilter())
    assert "没有符合的数" in show_pivot(full, FactFilter(place="浙江"))
    assert "无记载" in show_answer(ask(full.facts, Question("金堂县", RATE, 2019)))
    assert "没有读到" in show_promises([])
    assert "没有发现" in show_contradictions([], {})


def test_every_outcome_and_verdict_has_a_phrase() -> None:
    keys = {f"atlas.{outcome.name.lower()}" for outcome in Outcome}
    keys |= {f"atlas.{verdict}" for verdict in Verdict}
    assert keys <= read_phrases().keys()


def test_years_as_people_type_them() -> None:
    assert [_read_year(typed) for typed in ("2023", " 2023年 ", "", None)] == [
        2023,
        2023,
        None,
        None,
    ]
    with pytest.raises(InputError, match="2023"):
        _read_year("去年")
