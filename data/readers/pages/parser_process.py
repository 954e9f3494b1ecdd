"""The process that parses files for another one: python -m data.readers.pages.parser_process BYTES.

It may take so many bytes of memory. On standard input come requests, a line of JSON (`function`,
`n_bytes`, `cpu_s`) and so many bytes; on standard output go answers, each a line of JSON. The
process trusts no file and may be killed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from time import process_time


def serve(memory_bytes: int) -> None:
    """Answer requests until the input ends."""
    _limit_memory(memory_bytes)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a parser prints is no answer
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        content = sys.stdin.buffer.read(request["n_bytes"])
        _limit_time(request["cpu_s"])
        found = _find_function(request["function"])(content)
        answers.write(json.dumps(found) + "\n")
        answers.flush()


def _find_function(name: str) -> Callable[[bytes], dict[str, str]]:
    module, _, function = name.partition(":")
    found: Callable[[bytes], dict[str, str]] = getattr(import_module(module), function)
    return found


def _limit_memory(n_bytes: int) -> None:
    with suppress(ImportError):  # Windows has no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (n_bytes, n_bytes))


def _limit_time(cpu_s: int) -> None:
    """End a parser that hangs after whoever would have killed it is gone."""
    with suppress(ImportError):  # Windows has no such limit
        import resource

        limit_s = int(process_time()) + cpu_s
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, hard))


if __name__ == "__main__":
    serve(int(sys.argv[1]))
