"""A process that a run starts at the other end of a pipe, and kills when it hangs."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import current_thread, main_thread
from typing import Any, TypeVar

from model import YiwenError

READY = "ready"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# What a child meets when the run that it works for is gone.
GONE = (EOFError, BrokenPipeError, ConnectionResetError)
START_TIMEOUT_S = 300.0
_STOP_TIMEOUT_S = 2.0
_LOW_PRIORITY = 15
Loaded = TypeVar("Loaded")


class ChildLostError(YiwenError):
    """The process was killed because it hung, or it ended by itself."""


class ChildTimeoutError(ChildLostError):
    """The process was killed because it hung."""


class ChildStartError(YiwenError):
    """The process did not start, which is no article's fault; its cause is the child's error."""


class ChildProcess:
    """A process at the other end of a pipe, which keeps what it sends until it is taken.

    The pipe has a fixed size, so a child that is ahead waits.

    Raises:
        ChildStartError: it ended before it was ready, or said why it cannot be.
    """

    def __init__(self, target: Callable[..., None], *args: object) -> None:
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=target, args=(theirs, *args), daemon=True)
        with _interrupts_ignored():
            self._process.start()
        theirs.close()
        try:
            answer = self.receive(START_TIMEOUT_S)
        except ChildLostError as error:
            raise ChildStartError(f"工作进程启动失败：{error}") from None
        if isinstance(answer, YiwenError):
            self.stop()
            message = f"工作进程启动失败：{answer}"
            raise ChildStartError(message, code=answer.code, **answer.fields) from answer

    def send(self, message: object) -> None:
        """Hand over a message.

        Raises:
            ChildLostError: the process has ended.
        """
        try:
            self._connection.send(message)
        except OSError:
            raise ChildLostError("进程意外退出（可能是内存不足）") from None

    def has_message(self, within_s: float = 0.0) -> bool:
        """Whether `receive` would not wait, now or within a time."""
        try:
            return self._connection.poll(within_s)
        except OSError:
            return True  # `receive` says at once that the process has ended

    def lower_priority(self) -> None:
        """Let others go first on the processor, where the system can."""
        set_priority = getattr(os, "setpriority", None)
        if set_priority and self._process.pid:
            with suppress(OSError):
                set_priority(os.PRIO_PROCESS, self._process.pid, _LOW_PRIORITY)

    def receive(self, timeout_s: float) -> Any:
        """Return the next message.

        Raises:
            ChildLostError: none came in time, and the process was killed; or it had ended.
        """
        try:
            if self._connection.poll(timeout_s):
                return self._connection.recv()
        except (EOFError, OSError):
            self.stop()
            raise ChildLostError("进程意外退出（可能是内存不足）") from None
        self.stop()
        raise ChildTimeoutError("没有回应，进程已终止")

    def stop(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.join(_STOP_TIMEOUT_S)
        self._connection.close()


def begin(connection: Connection, load: Callable[[], Loaded]) -> Loaded:
    """Load in a child what it works with, and send that it is ready or why it is not.

    Raises:
        SystemExit: it is not.
    """
    try:
        loaded = load()
    except YiwenError as error:
        connection.send(error)
        raise SystemExit(1) from None
    connection.send(READY)
    return loaded


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Let a request to stop reach the run alone: a process started inside ignores it.

    Only the main thread can see to that; the page starts children from others.
    """
    if current_thread() is not main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
