"""The life of a batch job or a training: its state in the store, its process, and how it stops.

A process holds its kind's lock, which the system takes back however it ends. So work that is under
way while no process holds the lock was interrupted.
"""

from __future__ import annotations

import _thread
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any, Generic, Literal, TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import Engine, update
from sqlmodel import Session, col

from serving.home.folder import HOME_VARIABLE, LOCK_NAME, home_folder
from serving.home.schema import BatchJob, State, Training
from serving.home.shared_tables import SharedBatchRow

LOOK_EVERY_S = 0.5
# What a process that is about to end may still need to let go of the lock.
LOCK_TIMEOUT_S = 3.0
_ROOT = Path(__file__).parents[2]
Work = TypeVar("Work", BatchJob, Training, SharedBatchRow)


@dataclass(frozen=True)
class Lifecycle(Generic[Work]):
    """What batch jobs and trainings have in common.

    Attributes:
        table: the rows that say how each is.
        folder: returns the folder of all of the kind, where the lock lies.
        module: what its process runs, `python -m MODULE`.
    """

    table: type[Work]
    folder: Callable[[], Path]
    module: str
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def find(self, store: Engine, key: str) -> Work | None:
        """Return a row, or None where it is gone."""
        with Session(store) as session:
            return session.get(self.table, key)

    def state_of(self, store: Engine, key: str) -> str | None:
        """Return the state, or None where the row is gone."""
        row = self.find(store, key)
        return row.state if row else None

    def add(self, store: Engine, row: Work) -> None:
        """Add a row, which stays readable."""
        with Session(store, expire_on_commit=False) as session:
            session.add(row)
            session.commit()

    def change(self, store: Engine, key: str, states: Collection[str], **values: Any) -> bool:
        """Change a row that is in one of these states, in one step; return whether it was."""
        table = self.table
        query = update(table).where(col(table.id) == key, col(table.state).in_(list(states)))
        with store.begin() as connection:
            return connection.execute(query.values(**values)).rowcount > 0

    def begin(self, store: Engine, key: str, states: Collection[str], **values: Any) -> bool:
        """Set a row that is in one of these states to running; return whether it was."""
        return self.change(store, key, states, state=State.RUNNING, finished=None, **values)

    def request_stop(self, store: Engine, key: str) -> bool:
        """Ask the process to stop; return whether the work was running."""
        return self.change(store, key, {State.RUNNING}, state=State.STOPPING)

    def end(
        self,
        store: Engine,
        key: str,
        state: State,
        *,
        when_stopping: State = State.CANCELLED,
        **values: Any,
    ) -> None:
        """Set how running work ended.

        Args:
            store: where the row is.
            key: its key.
            state: its state from now on.
            when_stopping: its state instead where somebody asked it to stop, without `values`
                unless it is the same.
            **values: other columns to set with `state`.
        """
        finished = datetime.now(UTC)
        if when_stopping == state:
            states = {State.RUNNING, State.STOPPING}
            self.change(store, key, states, state=state, finished=finished, **values)
            return
        self.change(store, key, {State.STOPPING}, state=when_stopping, finished=finished)
        self.change(store, key, {State.RUNNING}, state=state, finished=finished, **values)

    def lock(self) -> FileLock:
        """Return the lock that the process holds."""
        return FileLock(self.folder() / LOCK_NAME)

    @contextmanager
    def unattended(self) -> Iterator[bool]:
        """Hold the lock if no process does; yields whether that is so."""
        lock = self.lock()
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def has_process(self) -> bool:
        """Whether a process that was started here lives; it may not hold the lock yet."""
        self._processes[:] = [process for process in self._processes if process.poll() is None]
        return bool(self._processes)

    def start_process(self, log: Path, *arguments: str, mode: Literal["ab", "wb"] = "ab") -> None:
        """Start a process that outlives this one; what it prints goes to `log`."""
        self.has_process()  # forgets those that ended
        command = [sys.executable, "-P", "-m", self.module, *arguments]
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        environment = os.environ | {"PYTHONPATH": path, HOME_VARIABLE: str(home_folder().resolve())}
        with log.open(mode) as stream:
            process = subprocess.Popen(  # noqa: S603 # our own module
                command, env=environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream,
                start_new_session=True,
                # Windows has groups in place of sessions: Ctrl-C of the page does not reach it.
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )  # fmt: skip
        self._processes.append(process)

    def stop_processes(self) -> None:
        """Ask the processes that were started here to end."""
        if self.has_process():
            for process in self._processes:
                process.terminate()

    @contextmanager
    def interrupted_on_request(
        self, store: Engine, key: str, look: Callable[[], None] | None = None
    ) -> Iterator[None]:
        """Interrupt the main thread once, as Ctrl-C would, when the row is no longer running.

        Args:
            store: where the row is.
            key: its key.
            look: called each time before the state is looked at.
        """

        def is_unwanted() -> bool:
            if look:
                look()
            return self.state_of(store, key) != State.RUNNING

        with interrupted_when(is_unwanted):
            yield


@contextmanager
def interrupted_when(is_unwanted: Callable[[], bool]) -> Iterator[None]:
    """Interrupt the main thread once, as Ctrl-C would, when its work is no longer wanted.

    Args:
        is_unwanted: says so; it is asked every `LOOK_EVERY_S` in another thread, to the end.
    """
    is_over = Event()

    def watch() -> None:
        is_interrupted = False
        while not is_over.wait(LOOK_EVERY_S):
            if is_unwanted() and not is_interrupted:
                is_interrupted = True
                _thread.interrupt_main()

    # A page started in a script's background hands down that Ctrl-C is ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()
        signal.signal(signal.SIGINT, before)
