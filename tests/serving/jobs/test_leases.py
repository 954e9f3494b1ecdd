"""Shared batches: taken once, done by one server at a time, gone on with when it is lost."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from data.readers import Problem
from model import Article, InputError
from serving.archive.feed.events import FeedEvent, FeedItem
from serving.home.database import open_store
from serving.home.schema import State
from serving.home.shared_tables import SharedBatchRow
from serving.jobs import leases
from serving.jobs.known_lines import KnownFeed
from serving.jobs.leases import (
    MAX_TRIES,
    Lease,
    LeaseLostError,
    add_lines,
    end_batch,
    give_back,
    has_waiting,
    renew,
    set_origin,
    take_batch,
)
from serving.jobs.shared_batches import (
    NewBatch,
    add_batch,
    cancel_batch,
    delete_batch,
    find_batch,
    list_batches,
    read_lines,
    resume_batch,
    save_files,
)

OWNER = "key lan"


@pytest.fixture
def store(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "home"))
    opened = open_store(store_url)
    yield opened
    opened.dispose()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 0, "text": "云岭"}\n' * 3, encoding="utf-8")
    return path


def make(file: Path, name: str = "b1", key: str | None = None, digest: str = "d") -> NewBatch:
    return NewBatch(name, OWNER, [file], "", key, digest)


def line(number: int, **facts: Any) -> bytes:
    row = {"id": number, "source": "a.jsonl", "cluster": number, **facts}
    return json.dumps(row).encode() + b"\n"


def take(store: Engine) -> Lease:
    taken = take_batch(store, "here")
    assert taken is not None
    return taken[1]


def state(store: Engine, batch: str = "b1") -> SharedBatchRow:
    return find_batch(store, OWNER, batch)


@pytest.fixture
def run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have leases run out as soon as they are given."""
    monkeypatch.setattr(leases, "LEASE_S", -1.0)


def test_a_batch_is_taken_with_its_files_once_for_its_key(store: Engine, file: Path) -> None:
    large = file.with_name("b.txt")
    large.write_bytes(b"x" * (2_500_000))
    new = NewBatch("b1", OWNER, [file, large], "", "night", "d")
    row, is_new = add_batch(store, new, "m1")
    assert (is_new, row.n_files, row.n_expected, row.state) == (True, 2, 4, "queued")
    again, is_new = add_batch(store, make(file, "b2", "night", "other"), "m1")
    assert (again.id, again.digest, is_new) == ("b1", "d", False)
    add_batch(store, make(file, "b3"), "m1")
    assert [found.id for found in list_batches(store, OWNER)] == ["b3", "b1"]
    save_files(store, "b1", file.parent / "copy")
    for path in (file, large):
        assert (file.parent / "copy" / path.name).read_bytes() == path.read_bytes()
    with pytest.raises(InputError, match="没有这个任务"):
        find_batch(store, "key ming", "b1")
    delete_batch(store, "b1")
    assert read_lines(store, "b1", 0) == []
    assert add_batch(store, make(file, "b4", "night"), "m1")[1]  # the key is free again


def test_requests_with_one_key_at_one_moment_make_one_batch(store: Engine, file: Path) -> None:
    def ask(number: int) -> str:
        return add_batch(store, make(file, f"b{number}", "night"), "m1")[0].id

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(ask, range(6)))) == 1
    assert len(list_batches(store, OWNER)) == 1


def test_one_server_at_a_time_has_a_batch_the_oldest_first(store: Engine, file: Path) -> None:
    for number in range(12):
        add_batch(store, make(file, f"b{number:02}"), "m1")
    first = take(store)
    assert first.batch == "b00"
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: take(store).batch, range(11)))
    assert sorted(taken) == [f"b{number:02}" for number in range(1, 12)]
    assert take_batch(store, "here") is None
    assert not has_waiting(store)


@pytest.mark.usefixtures("run_out")
def test_a_lost_batch_goes_on_elsewhere_and_each_line_is_there_once(
    store: Engine, file: Path
) -> None:
    add_batch(store, make(file), "m1")
    lost = take(store)
    add_lines(store, lost, 0, [line(0), line(1, cluster=0)])
    assert has_waiting(store)
    new = take(store)
    assert new.token == lost.token + 1
    for write in (
        lambda: add_lines(store, lost, 2, [line(2)]),
        lambda: renew(store, lost),
        lambda: set_origin(store, lost, "m1", "f"),
    ):
        with pytest.raises(LeaseLostError):
            write()
    end_batch(store, lost, State.FAILED)
    give_back(store, lost)
    add_lines(store, new, 0, [line(0), line(1, cluster=0)])
    add_lines(store, new, 2, [line(2, error="读不出")])
    end_batch(store, new, State.DONE)
    assert read_lines(store, "b1", 0) == [line(0), line(1, cluster=0), line(2, error="读不出")]
    assert read_lines(store, "b1", 2) == [line(2, error="读不出")]
    row = state(store)
    counts = (row.n_lines, row.n_tagged, row.n_reposts, row.n_failed)
    assert (row.state, counts) == ("done", (3, 2, 1, 1))


@pytest.mark.usefixtures("run_out")
def test_a_batch_that_ends_every_server_is_left_to_a_person(store: Engine, file: Path) -> None:
    add_batch(store, make(file), "m1")
    lease = take(store)
    add_lines(store, lease, 0, [line(0)])  # a new line counts as progress
    for _ in range(MAX_TRIES):
        lease = take(store)
    assert take_batch(store, "here") is None
    assert (state(store).state, state(store).n_lines) == ("interrupted", 1)
    with pytest.raises(LeaseLostError):
        add_lines(store, lease, 1, [line(1)])
    resume_batch(store, "b1", "m2")
    assert (take(store).batch, state(store).n_lines, state(store).model) == ("b1", 1, "m2")


def test_a_batch_is_stopped_whoever_does_it(
    store: Engine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_batch(store, make(file), "m1")
    cancel_batch(store, "b1")
    assert (state(store).state, has_waiting(store)) == ("cancelled", False)
    resume_batch(store, "b1", "m1")
    lease = take(store)
    assert renew(store, lease)
    cancel_batch(store, "b1")
    assert not renew(store, lease)
    monkeypatch.setattr(leases, "LEASE_S", -1.0)  # its server is lost before it stops
    assert not renew(store, lease)
    assert not has_waiting(store)
    assert state(store).state == "cancelled"


def test_what_is_given_back_is_taken_at_once(store: Engine, file: Path) -> None:
    add_batch(store, make(file), "m1")
    give_back(store, take(store))
    lease = take(store)
    cancel_batch(store, "b1")
    give_back(store, lease)
    assert (take_batch(store, "here"), state(store).state) == (None, "cancelled")


def test_a_batch_that_is_tried_again_begins_at_its_first_failure(store: Engine, file: Path) -> None:
    add_batch(store, make(file), "m1")
    lease = take(store)
    add_lines(store, lease, 0, [line(0), line(1, error="超时"), line(2)])
    end_batch(store, lease, State.DONE)
    resume_batch(store, "b1", "m2")
    row = state(store)
    assert (row.state, row.n_lines, row.n_tagged, row.n_failed) == ("queued", 1, 1, 0)
    assert read_lines(store, "b1", 0) == [line(0)]


def test_a_deleted_batch_gets_no_more_lines(store: Engine, file: Path) -> None:
    add_batch(store, make(file), "m1")
    lease = take(store)
    delete_batch(store, "b1")
    with pytest.raises(LeaseLostError):
        add_lines(store, lease, 0, [line(0)])
    assert read_lines(store, "b1", 0) == []


class Listed:
    """A feed of articles that are there already."""

    def __init__(self, *items: Article | Problem) -> None:
        self.items = items

    def read(self, first: int, n_known: int) -> Generator[FeedEvent, None, None]:
        assert (first, n_known) == (0, 0)
        yield from map(FeedItem, self.items)


def article(number: int) -> Article:
    text = f"云岭县第{number}篇：县医院的医生到乡镇看病。"
    return Article.from_raw(text, id=number, source="a.jsonl")


def read_reports(feed: KnownFeed) -> list[Any]:
    return [event.report for event in feed.read(0, 0) if isinstance(event, FeedItem)]


def test_reports_that_are_there_are_not_made_again(store: Engine, file: Path) -> None:
    add_batch(store, make(file), "m1")
    lease = take(store)
    assert set_origin(store, lease, "m1", "code 1")
    add_lines(store, lease, 0, [line(0, text="a"), line(1, cluster=0), line(2, error="超时")])
    assert set_origin(store, lease, "m1", "code 1")
    assert not set_origin(store, lease, "m1", "code 2")
    feed = Listed(*map(article, range(4)))
    known = {"id": 0, "source": "a.jsonl", "text": "a"}
    assert read_reports(KnownFeed(feed, store, lease, True)) == [known, None, "超时", None]
    assert read_reports(KnownFeed(feed, store, lease, False)) == [None] * 4
    assert state(store).n_lines == 3


def test_lines_of_other_articles_are_dropped(store: Engine, file: Path) -> None:
    """A file that took too long to read the first time was read to its end now."""
    add_batch(store, make(file), "m1")
    lease = take(store)
    add_lines(store, lease, 0, [line(0), line(9, error="读不完"), line(2)])
    known = KnownFeed(Listed(*map(article, range(3))), store, lease, True)
    assert [bool(report) for report in read_reports(known)] == [True, False, False]
    assert (state(store).n_lines, read_lines(store, "b1", 1)) == (1, [])
