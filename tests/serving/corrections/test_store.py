from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from data.labelled import LabelledArticle, LabelledFigure, LabelledSentence
from model import Analyzer, Article, InputError
from serving.corrections.article_log import ConflictError
from serving.corrections.changes import (
    FigureChange,
    FigureDrop,
    KeyChange,
    PrimaryChange,
    ThemeChange,
    draft_figure,
    find_typed,
    read_value,
    show_value,
)
from serving.corrections.labels import Answer, clean_again, read_report
from serving.corrections.review import (
    DISPUTED,
    IN_BAND,
    NEW_SOURCE,
    QueueCandidate,
    add_to_queue,
    count_waiting,
    leave_queue,
    list_waiting,
    rank_for_review,
    source_name,
)
from serving.corrections.store import (
    accept,
    keep_answer,
    keep_report,
    read_corrections,
    read_history,
    read_people,
    read_state,
    save_change,
    undo,
)
from serving.home.database import StoreError, open_store
from tests.conftest import ARTICLE

TEXT = "云岭县医共体派驻医师83名。\n群众就近看病，签约居民1.2万人。\n周大爷回家种地去了。"
FIRST, SECOND, THIRD = 0, TEXT.index("群众"), TEXT.index("周大爷")


@pytest.fixture
def store(store_url: str) -> Iterator[Engine]:
    engine = open_store(store_url)
    yield engine
    engine.dispose()


def answer(body: str = TEXT, **more: object) -> Answer:
    labelled = LabelledArticle(
        "", body, "云岭日报", frozenset({"alliance"}), primary="alliance",
        sentences=(LabelledSentence(0, 14, frozenset({"alliance"}), key=True),),
        figures=(LabelledFigure(9, 12, "派驻医师", (83.0,), "名", "level", "", 2024),),
    )  # fmt: skip
    scores = {"alliance": 0.9, "smart": 0.1}
    return replace(Answer("a1", clean_again(labelled), "default-1", scores), **more)


@pytest.fixture
def document(store: Engine) -> int:
    return keep_answer(store, answer())


def theme(name: str, verdict: str, sentence: int | None = None) -> ThemeChange:
    return ThemeChange("theme", name, verdict, sentence)  # type: ignore[arg-type]


def change(store: Engine, document: int, *changes: object, by: str = "甲") -> None:
    for one in changes:
        save_change(store, document, read_state(store, document).number, one, by)  # type: ignore[arg-type]


def test_the_store_is_in_wal_mode_and_keeps_what_was_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    first = open_store(url)
    with first.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    document = keep_answer(first, answer())
    change(first, document, theme("smart", "yes"))
    first.dispose()
    second = open_store(url)
    assert read_state(second, document).labelled.themes == {"alliance", "smart"}
    second.dispose()


@pytest.mark.parametrize("url", ["file", "folder", "不是网址", "nosuch://localhost/x"])
def test_what_is_no_database_gets_a_message(tmp_path: Path, url: str) -> None:
    path = tmp_path / "notes.db"
    path.write_text("这是一份笔记，不是数据库。" * 100, encoding="utf-8")
    given = {"file": f"sqlite:///{path}", "folder": f"sqlite:///{tmp_path}"}.get(url, url)
    with pytest.raises(StoreError, match=r"数据库打不开.*YIWEN_DB"):
        open_store(given)
    assert path.read_text(encoding="utf-8").startswith("这是一份笔记")


def test_a_password_is_not_shown() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("nosuch://user:secret@127.0.0.1/x")
    assert "secret" not in str(caught.value)


def test_a_report_becomes_labels_to_start_from(store: Engine, analyzer: Analyzer) -> None:
    report = analyzer.analyze(Article.from_raw(ARTICLE, id="a1"))
    state = read_state(store, keep_report(store, report, ARTICLE))
    assert state.labelled.text == report.article.text
    assert state.labelled.themes == {t.theme for t in report.themes}
    marked = {(s.start, s.end) for s in state.labelled.sentences or () if s.themes}
    assert marked == {(e.start, e.end) for t in report.themes for e in t.evidence}
    spans = [(f.start, f.end, f.value) for f in state.labelled.figures or ()]
    assert spans == [(f.span.start, f.span.end, f.value) for f in report.figures]
    assert state.answer.model == report.model
    assert read_corrections(store, unaccepted=True) == []


def test_an_article_is_kept_once(store: Engine, document: int) -> None:
    change(store, document, theme("smart", "yes"))
    again = keep_answer(store, answer(model="default-2"))
    assert again == document
    state = read_state(store, document)
    assert state.answer.model == "default-2"
    assert "smart" in state.labelled.themes


def test_themes_of_article_and_sentence_go_together(store: Engine, document: int) -> None:
    change(store, document, theme("smart", "yes", SECOND))
    labelled = read_state(store, document).labelled
    assert labelled.themes == {"alliance", "smart"}
    change(store, document, theme("alliance", "no"))
    labelled = read_state(store, document).labelled
    assert labelled.primary is None
    assert [set(s.themes) for s in labelled.sentences or ()] == [set(), {"smart"}, set()]
    change(store, document, theme("talent", "edge", THIRD), theme("talent", "edge"))
    labelled = read_state(store, document).labelled
    assert labelled.borderline == {"talent"}
    assert (labelled.sentences or ())[2].borderline == {"talent"}


def test_figures_are_edited_added_and_dropped(store: Engine, document: int) -> None:
    start, end = find_typed(read_state(store, document).labelled, " 1.2万人 ", 0)
    draft = draft_figure(read_state(store, document).labelled, start, end)
    assert (draft.value, draft.unit) == ("12000", "人")
    edited = {
        "indicator": "签约居民", "value": "1.3万", "year": "2023", "body": " 云岭县 ",
        "base": "较上年", "official": "签约人数",
    }  # fmt: skip
    change(store, document, draft, replace(draft, **edited))
    assert (read_state(store, document).labelled.figures or ())[1] == LabelledFigure(
        start, end, "签约居民", (13000.0,), "人", "level", "", 2023, "云岭县", "较上年", "签约人数"
    )
    change(store, document, FigureDrop("drop", 9, 12))
    assert [f.unit for f in read_state(store, document).labelled.figures or ()] == ["人"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"value": "很多"}, "数值“很多”读不懂"),
        ({"value": "1-2-3"}, "读不懂"),
        ({"year": "去年"}, "年份“去年”读不懂"),
        ({"kind": "guess"}, "类别"),
        ({"start": 10, "end": 11}, "已有一条数字"),
        ({"end": 9999}, "不在正文里"),
    ],
)
def test_a_figure_that_cannot_be_read_is_refused(
    store: Engine, document: int, wrong: dict[str, object], message: str
) -> None:
    good = FigureChange("figure", 9, 12, "派驻医师", "83", "名", "level")
    with pytest.raises(InputError, match=message):
        save_change(store, document, 0, replace(good, **wrong), "甲")
    assert read_history(store, document) == ()


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12,000", (12000.0,)), ("1.2万", (12000.0,)), ("30–50", (30.0, 50.0)),
        ("30至50", (30.0, 50.0)), ("95.3%", (95.3,)), ("-5", (-5.0,)), ("4.4亿", (440000000.0,)),
    ],
)  # fmt: skip
def test_values_as_people_type_them(typed: str, value: tuple[float, ...]) -> None:
    assert read_value(typed) == value
    assert read_value(show_value(value)) == value


def test_what_is_not_in_the_text_is_not_added(store: Engine, document: int) -> None:
    labelled = read_state(store, document).labelled
    with pytest.raises(InputError, match="没有“99名”"):
        find_typed(labelled, "99名", 0)
    assert find_typed(labelled, "83名", 0) == (10, 13)
    with pytest.raises(InputError, match="须先标为"):
        save_change(store, document, 0, PrimaryChange("primary", "smart"), "甲")


def test_undo_goes_back_step_by_step_and_history_stays(store: Engine, document: int) -> None:
    states = [read_state(store, document).labelled]
    for one in (theme("smart", "yes", SECOND), KeyChange("key", SECOND, True)):
        change(store, document, one)
        states.append(read_state(store, document).labelled)
    assert undo(store, document, 2, "甲").labelled == states[1]
    change(store, document, theme("talent", "edge"))
    assert undo(store, document, 4, "甲").labelled == states[1]
    assert undo(store, document, 5, "甲").labelled == states[0]
    with pytest.raises(InputError, match="没有可撤销"):
        undo(store, document, 6, "甲")
    assert [event.number for event in read_history(store, document)] == [1, 2, 3, 4, 5, 6]


def test_only_what_was_accepted_is_given_out(store: Engine, document: int) -> None:
    change(store, document, theme("smart", "yes", SECOND))
    assert read_corrections(store) == []
    assert len(read_corrections(store, unaccepted=True)) == 1
    state = accept(store, document, 1, "甲")
    assert state.done
    assert accept(store, document, 2, "甲").number == 2
    (correction,) = read_corrections(store)
    assert (correction.by, correction.model) == ("甲", "default-1")
    assert correction.labelled.text == TEXT
    assert correction.labelled.complete
    change(store, document, theme("talent", "yes"))
    assert read_corrections(store) == []
    undo(store, document, 3, "甲")
    assert read_corrections(store) == [correction]


def test_a_theme_without_a_sentence_leaves_the_others_open(store: Engine, document: int) -> None:
    change(store, document, theme("talent", "yes"))
    accept(store, document, 1, "甲")
    labelled = read_corrections(store)[0].labelled
    assert not labelled.complete
    assert [s.start for s in labelled.sentences or ()] == [FIRST]


def test_corrections_by_person_and_time(store: Engine, document: int) -> None:
    accept(store, document, 0, "甲")
    change(store, document, theme("smart", "yes", SECOND), by="乙")
    accept(store, document, 2, "乙")
    assert read_people(store) == ("乙", "甲")
    assert [c.by for c in read_corrections(store)] == ["乙"]
    (own,) = read_corrections(store, by="甲")
    assert own.labelled.themes == {"alliance"}
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert read_corrections(store, since=soon) == []
    assert len(read_corrections(store, since=soon - timedelta(hours=1))) == 1


def test_of_two_who_change_different_things_the_later_is_told(store: Engine, document: int) -> None:
    save_change(store, document, 0, theme("smart", "yes", SECOND), "甲", {"smart": "智慧医疗"})
    state = save_change(store, document, 0, KeyChange("key", THIRD, True), "乙")
    assert "甲" in state.notice
    assert "智慧医疗" in state.notice
    assert "smart" in state.labelled.themes
    assert (state.labelled.sentences or ())[2].key


def test_of_two_who_change_one_thing_the_later_is_refused(store: Engine, document: int) -> None:
    save_change(store, document, 0, theme("smart", "yes"), "甲")
    for attempt in (
        lambda: save_change(store, document, 0, theme("smart", "edge"), "乙"),
        lambda: undo(store, document, 0, "乙"),
        lambda: accept(store, document, 0, "乙"),
    ):
        with pytest.raises(ConflictError, match=r"甲 .*最新内容"):
            attempt()
    assert len(read_history(store, document)) == 1


def test_many_at_once_lose_nothing(store: Engine, document: int) -> None:
    changes = [theme(f"t{i}", "yes") for i in range(16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda c: save_change(store, document, 0, c, "甲"), changes))
    assert {f"t{i}" for i in range(16)} <= read_state(store, document).labelled.themes
    assert [e.number for e in read_history(store, document)] == list(range(1, 17))


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_writing_goes_on_while_somebody_reads(store: Engine, document: int) -> None:
    with closing(sqlite3.connect(str(store.url.database), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM documents").fetchall()
        change(store, document, KeyChange("key", THIRD, True), by="乙")
        assert reader.execute("SELECT * FROM corrections").fetchall() == []
    assert read_people(store) == ("乙",)


def test_labels_move_with_a_text_that_cleaning_changes() -> None:
    raw = "云岭县医共体派驻医师８３ 名。\n\n　　群众就近看病，不再跑县城。"
    given = LabelledArticle(
        "", raw, "", frozenset({"alliance"}),
        sentences=(LabelledSentence(raw.index("群众"), len(raw), frozenset({"alliance"})),),
        figures=(LabelledFigure(10, 14, "", (83.0,), "名", "level", "", None),),
    )  # fmt: skip
    moved = clean_again(given)
    assert Article.from_raw(moved.text).text == moved.text
    assert [bool(s.themes) for s in moved.sentences or ()] == [False, True]
    assert [moved.text[f.start : f.end] for f in moved.figures or ()] == ["83名"]


@pytest.mark.parametrize("broken", [{"themes": 3}, {"figures": [{"start": 1}]}, {"text": "短"}])
def test_a_line_that_is_no_report_is_refused(analyzer: Analyzer, broken: dict[str, object]) -> None:
    record = analyzer.analyze(Article.from_raw(ARTICLE, id="a1")).to_dict()
    with pytest.raises(InputError, match=r"报告|太短"):
        read_report(record | broken)


def test_the_queue_is_ordered_and_runs_dry(store: Engine) -> None:
    texts = [f"{TEXT}\n这是第{i}篇，讲的是另一件事情。" for i in "一二三四五六七"]
    scores = [0.9, 0.45, 0.3]
    sure = [answer(t, scores={"smart": s}) for t, s in zip(texts, scores, strict=False)]
    band = answer(texts[3], scores={"smart": 0.55}, review=("smart",))
    assert add_to_queue(store, [*sure, band], "甲", only_needed=False) == (4, 4)
    assert add_to_queue(store, [*sure, band], "甲", only_needed=False) == (4, 0)
    later = [answer(t) for t in texts[4:6]]
    assert add_to_queue(store, later, "甲", only_needed=True) == (2, 0)
    waiting = list_waiting(store, 10)
    assert [w.reason for w in waiting] == [IN_BAND, NEW_SOURCE, NEW_SOURCE, NEW_SOURCE]
    found = [read_state(store, w.document).answer.scores["smart"] for w in waiting]
    assert found[:2] == [0.55, 0.45]  # the band, then the least certain
    assert set(found[2:]) == {0.3, 0.9}
    accept(store, waiting[0].document, 0, "甲")
    leave_queue(store, waiting[1].document)
    assert [w.document for w in list_waiting(store, 10)] == [w.document for w in waiting[2:]]
    assert count_waiting(store) == 2


def test_an_article_may_leave_while_the_queue_is_ordered(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rank(candidates: Sequence[QueueCandidate]) -> list[float]:
        leave_queue(store, candidates[0].document)
        return rank_for_review(candidates)

    monkeypatch.setattr("serving.corrections.review.rank_for_review", rank)
    texts = [f"{TEXT}\n这是第{i}篇，讲的是另一件事情。" for i in "一二三"]
    sure = answer(texts[0], scores={"smart": 0.9})
    rest = [answer(t, scores={"smart": s}) for t, s in zip(texts[1:], (0.1, 0.5), strict=True)]
    add_to_queue(store, [sure, *rest], "甲", only_needed=False)
    waiting = [read_state(store, w.document).answer.scores for w in list_waiting(store, 10)]
    assert waiting == [{"smart": 0.5}, {"smart": 0.1}]


def test_two_who_differ_bring_an_article_back(store: Engine) -> None:
    add_to_queue(store, [answer()], "甲", only_needed=False)
    document = list_waiting(store, 1)[0].document
    accept(store, document, 0, "甲")
    assert count_waiting(store) == 0
    change(store, document, theme("smart", "yes"), by="乙")
    accept(store, document, 2, "乙")
    assert [w.reason for w in list_waiting(store, 10)] == [DISPUTED]
    accept(store, document, 3, "甲")
    assert count_waiting(store) == 0


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("https://news.example.cn/a/1.html", "news.example.cn"), ("健康报", "健康报"),
        ("archive/2023/a1.txt", "2023"), ("", ""), ("a1.txt", ""),
    ],
)  # fmt: skip
def test_sources_by_name(source: str, name: str) -> None:
    assert source_name(source) == name
