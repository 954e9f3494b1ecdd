"""A service of its own to measure: an empty store, a free port, gone at the end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import httpx

from model import YiwenError

START_TIMEOUT_S = 300.0
ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "serving.cli")


@contextmanager
def open_service(*options: str) -> Iterator[tuple[str, int]]:
    """Start `yiwen serve` with an empty store; yield its address and process once it is ready.

    Raises:
        YiwenError: it does not get ready.
    """
    with (
        # A batch job outlives the service, and may still write there.
        TemporaryDirectory(ignore_cleanup_errors=True) as home,
        start_service({"YIWEN_HOME": home}, *options) as (url, process),
    ):
        wait_for(url, process)
        yield url, process.pid


@contextmanager
def start_service(
    environment: Mapping[str, str], *options: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start `yiwen serve` on a free port; yield its address and process, which may not be ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603 # this program
        [*COMMAND, "serve", "--port", str(port), *options],
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a service is ready.

    Raises:
        YiwenError: it does not get ready.
    """
    end = monotonic() + START_TIMEOUT_S
    while monotonic() < end and process.poll() is None:
        try:
            httpx.get(f"{url}/readyz", timeout=10).raise_for_status()
            return
        except httpx.HTTPError:
            sleep(0.3)
    raise YiwenError(f"the service did not start within {START_TIMEOUT_S:g} s")
