"""Editing a brief: every change is kept, traced, and a label."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from model import InputError
from serving.brief.changes import (
    AddEntry,
    DropEntry,
    MoveEntry,
    RetitleBrief,
    RewordEntry,
    dump_change,
    load_change,
    reword,
)
from serving.brief.check import check_file
from serving.brief.entries import Entry, Line, Place
from serving.brief.labels import export_edits
from serving.brief.making import SUFFIXES, article_finder, collect, write_file
from serving.brief.propose import entry_of
from serving.brief.store import (
    BRIEF_CONFLICT,
    change_brief,
    list_briefs,
    read_brief,
    read_changes,
)
from tests.serving.brief.day import BARE, start
from tests.serving.library.reports import NAMES

ROOT = Path(__file__).parents[3]


def test_editing_keeps_every_change(store: Engine) -> None:
    state = start(store)
    first, second = state.brief.entries
    added = entry_of(next(a for a in collect(store, state.brief) if a.text == BARE))
    for change in (
        MoveEntry(second.key, 0), DropEntry(first.key), AddEntry(added), RetitleBrief("日报第1期"),
    ):  # fmt: skip
        assert load_change(dump_change(change)) == change
        state = change_brief(store, state.id, state.number, change, "王")
    assert [entry.key for entry in state.brief.entries] == [second.key, added.key]
    assert (state.brief.title, state.number) == ("日报第1期", 5)
    assert [made.change.do for made in read_changes(store, state.id)] == [
        "propose", "move", "drop", "add", "retitle",
    ]  # fmt: skip
    for change in (DropEntry(first.key), AddEntry(added)):
        with pytest.raises(InputError):
            change_brief(store, state.id, state.number, change, "王")
    assert [listed.title for listed in list_briefs(store)] == ["卫生健康舆情日报（2024年5月16日）"]


def test_a_reworded_sentence_is_traced_marked_or_refused() -> None:
    known = (Line("原句。", (Place("k", 0, 3),)),)
    texts = {"k": "原句。县域内就诊率达90.6%，居前。"}
    assert reword(" 原句。 ", known, texts) == known[0]
    assert reword("就诊率达90.6%", known, texts) == Line("就诊率达90.6%", (Place("k", 6, 15),))
    assert reword("云岭的就诊率升至90.6%", known, texts) == Line("云岭的就诊率升至90.6%", (), True)
    with pytest.raises(InputError, match=r"90\.9"):
        reword("就诊率达90.9%", known, texts)
    assert reword("手写第3条", (), {}).is_manual


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_a_person_wrote_is_marked(store: Engine, tmp_path: Path, suffix: str) -> None:
    state = start(store)
    note = Line("会商会定于5月20日召开。", is_manual=True)
    entry = Entry("hand-1", "", Line("会商", is_manual=True), (note,))
    state = change_brief(store, state.id, state.number, AddEntry(entry), "王")
    out = tmp_path / f"日报{suffix}"
    write_file(state.brief, NAMES, out)
    checked = check_file(out, article_finder(store))
    assert checked.faults == ()
    assert checked.n_manual >= 1


def test_two_people_edit_one_brief(store: Engine) -> None:
    state = start(store)
    first, second = state.brief.entries
    mine = RewordEntry(first.key, first.title, first.lines[:1])
    change_brief(store, state.id, state.number, mine, "王")
    both = change_brief(store, state.id, state.number, MoveEntry(second.key, 0), "李")
    assert [len(entry.lines) for entry in both.brief.entries] == [1, 1]
    with pytest.raises(InputError, match="王刚改过这一条") as caught:
        change_brief(store, state.id, state.number, DropEntry(first.key), "李")
    assert caught.value.code == BRIEF_CONFLICT
    change_brief(store, state.id, both.number, DropEntry(first.key), "李")


def test_many_changes_in_one_instant_are_all_kept(store: Engine) -> None:
    state = start(store)

    def retitle(i: int) -> None:
        entry = Entry(f"hand-{i}", "", Line(str(i), is_manual=True), ())
        change_brief(store, state.id, state.number, AddEntry(entry), f"人{i}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(retitle, range(6)))
    assert len(read_brief(store, state.id).brief.entries) == 2 + 6


def test_a_kill_while_editing_loses_nothing_that_was_saved(store: Engine, store_url: str) -> None:
    state = start(store)
    script = f"""
import itertools
from serving.brief.changes import RetitleBrief
from serving.brief.store import change_brief
from serving.home.database import open_store
store = open_store({store_url!r})
for i in itertools.count():
    change_brief(store, {state.id}, 0, RetitleBrief(str(i)), "王")
    print(i, flush=True)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as child:
        assert child.stdout is not None
        saved = [int(child.stdout.readline()) for _ in range(12)]
        child.send_signal(signal.SIGKILL)
        saved += [int(line) for line in child.stdout.read().split()]
    titles = int(read_brief(store, state.id).brief.title)
    assert titles in (saved[-1], saved[-1] + 1)


def test_edits_are_labels(store: Engine) -> None:
    state = start(store)
    first, second = state.brief.entries
    typed = Line("手写的话。", is_manual=True)
    for change in (
        MoveEntry(second.key, 0),
        RewordEntry(second.key, second.title, (typed,)),
        DropEntry(first.key),
    ):
        state = change_brief(store, state.id, state.number, change, "王")
    dropped, moved = export_edits(store)
    assert (dropped["article"], dropped["kept"], dropped["moved"]) == (first.key, False, None)
    assert (moved["kept"], moved["moved"], moved["by"]) == (True, 1, ["王"])
    assert moved["reworded"] == [
        {"left": "平湖市引进医学人才41名"}, {"came": "手写的话。", "is_manual": True},
    ]  # fmt: skip
