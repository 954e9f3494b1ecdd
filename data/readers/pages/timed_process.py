"""Parsers in processes of their own, which are killed when a hostile file keeps them busy.

A process parses one file after another: to start one takes longer than most files do.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import subprocess
import sys
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Timer
from time import perf_counter

from model import InputError

_ROOT = Path(__file__).parents[3]
# A parser leaks; and one that a file has harmed does not harm many others.
MAX_FILES = 200
MEMORY_BYTES = 1 << 30
_MAX_IDLE = 2
# Processor seconds for each second that a file may take: what hangs is ended even where nobody is
# left to kill it.
_CPU_SHARE = 4


class _ParserProcess:
    """A process at the other end of two pipes."""

    def __init__(self, memory_bytes: int) -> None:
        self.memory_bytes = memory_bytes
        self.owner = os.getpid()
        self.n_files = 0
        self._process = subprocess.Popen(  # noqa: S603 # our own module, by our own interpreter
            [sys.executable, "-P", "-m", "data.readers.pages.parser_process", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONSAFEPATH": "1"},
        )

    def parse(self, function: str, content: bytes, timeout_s: float) -> bytes:
        """Return the answer, a line; empty where the process ended or was killed."""
        assert self._process.stdin  # noqa: S101 # both are pipes
        assert self._process.stdout  # noqa: S101
        self.n_files += 1
        cpu_s = math.ceil(_CPU_SHARE * timeout_s)
        request = json.dumps({"function": function, "n_bytes": len(content), "cpu_s": cpu_s})
        timer = Timer(timeout_s, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            self._process.stdin.write(request.encode() + b"\n" + content)
            self._process.stdin.flush()
            return self._process.stdout.readline()
        except OSError:
            return b""
        finally:
            timer.cancel()

    def end(self) -> None:
        """Kill it and close the pipes."""
        self._process.kill()
        with suppress(OSError):  # a request that was not taken any more
            self._process.communicate()


# By the memory that they may take.
_idle: defaultdict[int, SimpleQueue[_ParserProcess]] = defaultdict(SimpleQueue)


def run_timed(
    function: str,
    content: bytes,
    what: str,
    timeout_s: float,
    memory_bytes: int = MEMORY_BYTES,
) -> dict[str, str]:
    """Call a function on the content of a file, in a process apart.

    Args:
        function: `module:name`; it takes bytes and returns an object for JSON.
        content: what it is called with.
        what: the Chinese name of the kind of file, for messages.
        timeout_s: how long it may take.
        memory_bytes: how much memory it may take, where the system can limit that.

    Raises:
        InputError: it took longer, or failed.
    """
    process = _take(memory_bytes)
    start = perf_counter()
    try:
        answer = process.parse(function, content, timeout_s)
    except BaseException:  # whoever asked gives up, and nobody else would end it
        process.end()
        raise
    if not answer.endswith(b"\n"):
        process.end()
        if perf_counter() - start >= timeout_s:
            raise InputError(
                f"{what}读了 {timeout_s:g} 秒还没有读完，未处理；请拆分后再试", code="file_too_slow"
            )
        raise InputError(
            f"{what}不完整或已损坏，无法打开；请重新下载或另存一份", code="file_damaged"
        )
    _give_back(process)
    found: dict[str, str] = json.loads(answer)
    return found


def _take(memory_bytes: int) -> _ParserProcess:
    """Return an idle process of ours, else a new one."""
    with suppress(Empty):
        while True:
            process = _idle[memory_bytes].get_nowait()
            if process.owner == os.getpid():  # else a fork has taken it along
                return process
    return _ParserProcess(memory_bytes)


def _give_back(process: _ParserProcess) -> None:
    idle = _idle[process.memory_bytes]
    if process.n_files >= MAX_FILES or idle.qsize() >= _MAX_IDLE:
        process.end()
    else:
        idle.put(process)


@atexit.register
def end_idle() -> None:
    """End the processes that wait for files."""
    for idle in _idle.values():
        with suppress(Empty):
            while True:
                process = idle.get_nowait()
                if process.owner == os.getpid():
                    process.end()
