"""An archive run: articles of many files to one output, that goes on wherever it was stopped.

What is written of an article depends on it and those before it alone, so a run that was
interrupted ends with the same bytes as one that was not.
"""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from serving.archive.child_process import STOP_SIGNALS
from serving.archive.feed.sources import Source, find_sources, put_behind
from serving.archive.ledger.beside import lock_ledger
from serving.archive.ledger.entries import AbandonedFile, LineCounts
from serving.archive.ledger.ledger import Ledger, LedgerError
from serving.archive.loop import Progress, RunLoop
from serving.archive.outputs import Output, open_output
from serving.archive.task import ArchiveTask
from serving.archive.written import check_output
from serving.codes import OTHER_SETTINGS
from serving.output.stats import Overview, take_stock

__all__ = ["Outcome", "Progress", "run"]


@dataclass(frozen=True)
class Outcome:
    """How a run ended; `overview` is None where it was stopped.

    `restored` says in Chinese what the output had lost before the run; empty if nothing.
    """

    counts: LineCounts
    n_new: int
    is_finished: bool
    changed_files: tuple[str, ...]
    overview: Overview | None
    restored: str = ""


def run(
    task: ArchiveTask, show: Callable[[Progress], None], note: dict[str, Any] | None = None
) -> Outcome:
    """Do a task, or what is left of it.

    Args:
        task: what to do.
        show: is called after each article with how far the run is.
        note: what is kept in the ledger under `run` for a later look.

    Raises:
        LedgerError: the output is in use, cannot be written, or is not as the last run left it; or
            it was made with other settings and the task may only append.
    """
    with lock_ledger(task.out) as ledger, tempfile.TemporaryDirectory() as folder:
        restored = check_output(task.out, ledger, task.names)
        _prepare(task, ledger, note or {})
        with closing(open_output(task.out, task.format, task.names, ledger)) as output:
            ledger.commit()
            outcome = _work(task, ledger, output, Path(folder), show)
        return replace(outcome, restored=restored)


def _work(
    task: ArchiveTask,
    ledger: Ledger,
    output: Output,
    folder: Path,
    show: Callable[[Progress], None],
) -> Outcome:
    abandoned = ledger.abandoned_files()
    found = find_sources(task.inputs, task.out, folder)
    if task.appends:
        found = put_behind(found, (mark for mark, _ in ledger.files()))
    sources = [_recall(source, abandoned.get(source.mark().path)) for source in found]
    with (
        task.open_queue(task) as queue,
        _stop_request() as is_stop_requested,
    ):
        loop = RunLoop(task, ledger, output, queue)
        is_finished = loop.do(sources, show, is_stop_requested)
        if is_finished:
            output.finish(ledger)
            ledger.drop_unused()
    ledger.set(state="done" if is_finished else "stopped")
    ledger.commit()
    overview = take_stock(ledger.records()) if is_finished else None
    changed = tuple(loop.changed_files)
    return Outcome(ledger.counts(), loop.n_new, is_finished, changed, overview)


def _prepare(task: ArchiveTask, ledger: Ledger, note: dict[str, Any]) -> None:
    settings = [task.fingerprint, task.format]
    before = ledger.get("settings")
    if task.appends and before not in (None, settings):
        raise LedgerError(
            f"{task.out} 是用另一个模型、版本或格式写的，不能接着写；请换一个结果文件",
            code=OTHER_SETTINGS,
            out=str(task.out),
        )
    if before != settings:
        ledger.drop_from(0)
        ledger.drop_files_from(0)
    if task.retry_failed:
        ledger.forget_failures()
    ledger.set(settings=settings, names=task.names, run=note, state="running")


def _recall(source: Source, abandoned: AbandonedFile | None) -> Source:
    """Return a source with the mark of an earlier run that gave it up, if it is unchanged."""
    if abandoned is None:
        return source
    mark, old = source.mark(), abandoned.mark
    is_same = (mark.size, mark.mtime_ns) == (old.size, old.mtime_ns)
    reason = (abandoned.n_before, abandoned.message)
    return replace(source, abandoned=reason) if is_same else source


@contextmanager
def _stop_request() -> Iterator[Callable[[], bool]]:
    """Take Ctrl-C as a request to stop after the articles in hand; a second one stops at once."""
    received: list[int] = []

    def note_signal(number: int, _: Any) -> None:
        received.append(number)
        signal.signal(number, signal.default_int_handler)

    before = {number: signal.signal(number, note_signal) for number in STOP_SIGNALS}
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
