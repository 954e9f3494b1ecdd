from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from data.labels.files import read_labels
from model import Analyzer, Article, InputError
from serving.corrections.changes import FigureDrop
from serving.corrections.review import list_waiting
from serving.home.database import open_store
from serving.page.correct.answers import CorrectContext, _answer, answer_view
from serving.page.correct.asks import UNREADABLE_ASK, Ask, ChangeAsk, parse_ask
from serving.page.correct.intake import Intake
from tests.conftest import ARTICLE

OTHER = "青石县医院今年招聘医师12名，其中硕士8名。医院说，人手够了，夜班也排得开了。"


@pytest.fixture
def context(tmp_path: Path, analyzer: Analyzer) -> Iterator[CorrectContext]:
    store = open_store(f"sqlite:///{tmp_path / 'yiwen.db'}")
    names = analyzer.manifest.theme_names
    yield CorrectContext(store, lambda: names)
    store.dispose()


@pytest.fixture
def state(context: CorrectContext, analyzer: Analyzer) -> dict[str, Any]:
    Intake(analyzer, context.store).take([], ARTICLE, "甲", only_needed=False)
    return ask(context, do="open")["state"]


def ask(context: CorrectContext, who: str = "甲", /, **asked: object) -> dict[str, Any]:
    return answer_view(context, asked, who)


def test_the_source_of_a_page_is_pasted_without_its_tags(
    context: CorrectContext, analyzer: Analyzer
) -> None:
    source = f"<div class='a'><section>{OTHER}</section>&nbsp;<p>{OTHER}</p></div>"
    Intake(analyzer, context.store).take([], source, "甲", only_needed=False)
    state = ask(context, do="open")["state"]
    assert OTHER in str(state)
    assert "section" not in str(state)


def test_reports_and_a_paste_come_into_the_queue(
    context: CorrectContext, analyzer: Analyzer, tmp_path: Path
) -> None:
    report = analyzer.analyze(Article.from_raw(ARTICLE, id="a", source="云岭日报")).to_dict()
    failed = {"id": "b", "source": "b.txt", "error": "正文太短"}
    lines = [json.dumps(row, ensure_ascii=False) for row in (report, failed, {"id": "c"})]
    path = tmp_path / "reports.jsonl"
    path.write_text("\n".join([*lines, "坏了的一行", ""]), encoding="utf-8")
    intake = Intake(analyzer, context.store)
    assert intake.take([path], OTHER, "甲", only_needed=False) == (2, 2)
    assert [problem.split("：")[0] for problem in intake.problems] == [
        "reports.jsonl 第 3 行",
        "reports.jsonl 第 4 行",
    ]
    assert not path.exists()
    assert {w.source for w in list_waiting(context.store, 9)} == {"云岭日报", ""}
    again = Intake(analyzer, context.store)
    assert again.take([], "太短", "甲", only_needed=False) == (0, 0)
    assert "太短" in again.problems[0]


def test_the_view_gets_messages_and_no_errors(
    context: CorrectContext, state: dict[str, Any]
) -> None:
    place = {"document": state["document"], "seen": 0}
    change = {"what": "theme", "theme": "sports", "answer": "yes"}
    assert "没有这个主题" in ask(context, do="change", **place, change=change)["error"]
    assert "刷新" in ask(context, do="change", **place, change={"what": "theme"})["error"]
    assert "刷新" in ask(context, do="guess")["error"]
    assert "刷新" in ask(context, do="open", document=99)["error"]
    assert "没有可撤销" in ask(context, do="undo", **place)["error"]
    assert "没有可导出" in ask(context, do="export")["error"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"do": "guess"},
        {},
        {"do": "undo"},
        {"do": "undo", "document": "1"},
        {"do": "people", "more": 1},
        {"do": "change", "document": 1, "change": {"what": "other"}},
        {"do": "change", "document": 1, "change": {"what": "key", "sentence": 0, "key": "yes"}},
        {"do": "export", "since": "yesterday"},
    ],
)
def test_an_ask_is_read_strictly(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="刷新") as caught:
        parse_ask(wrong)
    assert caught.value.code == UNREADABLE_ASK
    assert caught.value.fields["ask"] == str(wrong.get("do"))


def test_each_ask_is_of_its_own_class_and_has_an_answer() -> None:
    asked = parse_ask(
        {"do": "change", "document": 1, "change": {"what": "drop", "start": 0, "end": 2}}
    )
    assert asked == ChangeAsk(do="change", document=1, change=FigureDrop("drop", 0, 2))
    unanswered = _answer.dispatch(object)
    assert [kind for kind in get_args(Ask) if _answer.dispatch(kind) is unanswered] == []


def test_a_refused_change_brings_what_is_there_now(
    context: CorrectContext, state: dict[str, Any]
) -> None:
    place = {"document": state["document"], "seen": 0}
    start = state["sentences"][1]["start"]
    for answer, by in (("edge", "甲"), ("yes", "乙")):
        change = {"what": "theme", "theme": "talent", "answer": answer, "sentence": start}
        reply = ask(context, by, do="change", **place, change=change)
    assert "同一处" in reply["error"]
    assert reply["state"]["number"] == 1
    assert reply["state"]["sentences"][1]["borderline"] == ["talent"]


def test_a_number_that_cannot_be_read_is_filled_in_first(
    context: CorrectContext, state: dict[str, Any]
) -> None:
    reply = ask(context, do="add_typed", document=state["document"], typed="周大爷")
    assert reply["draft"]["value"] == ""
    assert reply["state"]["number"] == 0
    known = state["figures"][0]
    typed = state["text"][known["start"] : known["end"]]
    reply = ask(context, do="add_typed", document=state["document"], typed=typed)
    assert reply["pick"] == [known["start"], known["end"]]


def test_every_cell_of_a_row_is_edited_and_exported(
    context: CorrectContext, state: dict[str, Any], tmp_path: Path
) -> None:
    known = state["figures"][0]
    edited = {
        "body": "岭南县人民医院",
        "base": "较2020年",
        "official": "下派医务人员数",
        "year": "2021",
    }
    change = {**known, **edited, "what": "figure"}
    shown = ask(context, do="change", document=state["document"], seen=0, change=change)["state"]
    assert {key: shown["figures"][0][key] for key in edited} == edited
    ask(context, do="accept", document=state["document"], seen=shown["number"])
    file = ask(context, do="export", format="jsonl")["file"]
    path = tmp_path / file["name"]
    path.write_bytes(b64decode(file["content"]))
    (correction,) = read_labels(path, context.read_names()).corrections
    figure = (correction.labelled.figures or ())[0]
    assert (figure.body, figure.base, figure.official, figure.year) == (
        "岭南县人民医院", "较2020年", "下派医务人员数", 2021,
    )  # fmt: skip


@pytest.mark.parametrize("format", ["jsonl", "doccano", "labelstudio"])
def test_exported_labels_are_read_back(
    context: CorrectContext, state: dict[str, Any], tmp_path: Path, format: str
) -> None:
    ask(context, do="accept", document=state["document"], seen=0)
    file = ask(context, do="export", format=format, since=date.today().isoformat())["file"]
    path = tmp_path / file["name"]
    path.write_bytes(b64decode(file["content"]))
    (correction,) = read_labels(path, context.read_names()).corrections
    assert sorted(correction.labelled.themes) == state["themes"]
    assert len(correction.labelled.figures or ()) == len(state["figures"])
    tomorrow = (date.today() + timedelta(days=1)).isoformat()
    assert "error" in ask(context, do="export", format=format, since=tomorrow)
    assert "error" in ask(context, do="export", format=format, by="乙")


def test_accepting_gives_the_next(
    context: CorrectContext, analyzer: Analyzer, state: dict[str, Any]
) -> None:
    Intake(analyzer, context.store).take([], OTHER, "甲", only_needed=False)
    reply = ask(context, do="accept", document=state["document"], seen=0)
    assert "青石县" in reply["state"]["text"]
    assert reply["left"] == 1
    assert ask(context, do="people")["accepted"] == 1
    events = ask(context, do="history", document=state["document"])["history"]
    assert [(e["by"], e["what"]) for e in events] == [("甲", "确认全文")]


def test_an_article_leaves_the_queue_and_comes_back(
    context: CorrectContext, analyzer: Analyzer, state: dict[str, Any]
) -> None:
    Intake(analyzer, context.store).take([], OTHER, "甲", only_needed=False)
    here = {"document": state["document"]}
    change = {"what": "theme", "theme": "smart", "answer": "yes"}
    before = ask(context, do="change", seen=0, change=change, **here)
    assert (before["queued"], before["left"]) == (True, 2)
    reply = ask(context, do="leave", **here)
    assert "青石县" in reply["state"]["text"]
    assert [w["document"] for w in reply["waiting"]] == [reply["state"]["document"]]
    assert ask(context, do="open", **here)["queued"] is False
    assert ask(context, do="return", **here) == before
    for document in (state["document"], reply["state"]["document"]):
        last = ask(context, do="leave", document=document)
    assert (last["state"], last["queued"], last["left"]) == (None, False, 0)


def test_a_theme_of_a_model_that_was_promoted_is_known_at_once(
    context: CorrectContext, state: dict[str, Any]
) -> None:
    names = dict(context.read_names())
    changing = replace(context, read_names=lambda: names)
    place = {"document": state["document"], "seen": 0}
    change = {"what": "theme", "theme": "sports", "answer": "yes"}
    refused = ask(changing, do="change", **place, change=change)
    assert "sports" not in refused["themes"]
    names["sports"] = "体育"
    for asked in ({"do": "open"}, {"do": "people"}, {"do": "guess"}):
        assert ask(changing, **asked)["themes"]["sports"] == "体育"
    assert "sports" in ask(changing, do="change", **place, change=change)["state"]["themes"]
    events = ask(changing, do="history", document=state["document"])["history"]
    assert "体育" in events[-1]["what"]


@pytest.mark.parametrize(
    "odd",
    [
        {"do": "open", "document": 2**63},
        {"do": "open", "document": -1},
        {"do": "history", "document": 10**400},
        {"do": "accept", "document": 2**31 - 1},
        {"do": "add_selected", "document": 1, "start": 2**63, "end": 2**64},
        {"do": "undo", "document": 1, "seen": 2**63},
        {"do": "export", "since": "昨天"},
        {"do": "export", "since": "0001-01-01"},
        {"do": "export", "since": "9999-12-31T23:59:59-23:59"},
        {"do": "add_typed", "document": 1, "typed": "1", "near": 2**63},
        {"do": "nothing"},
    ],
)
def test_odd_requests_get_a_message(
    context: CorrectContext, state: dict[str, Any], odd: dict[str, Any]
) -> None:
    assert state["document"] == 1
    assert isinstance(ask(context, **odd)["error"], str)
