"""Debian's Chromium, and the page as a process of its own, as it is for a user."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

import pytest

CHROMIUM = shutil.which("chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "build" / "screenshots"
START_S = 180
WAIT_MS = 90_000
EVIL = "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"

needs_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="没有 chromium：apt-get install chromium"),
]
# For files that take long: `make test` leaves them out, `make test-browser` has them.
slow_in_chromium = [*needs_chromium, pytest.mark.slow_browser]


@contextmanager
def serve(home: Path, port: int) -> Iterator[None]:
    """Run the page until the block ends."""
    main = "from serving.cli.main import main; main()"
    command = [sys.executable, "-c", main, "app", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "YIWEN_HOME": str(home)}) as app:
        try:
            end = monotonic() + START_S
            while not answers(port):
                assert app.poll() is None, "the page did not start"
                assert monotonic() < end, "the page does not answer"
                sleep(0.2)
            yield
        finally:
            app.terminate()


def answers(port: int) -> bool:
    try:
        urlopen(f"http://127.0.0.1:{port}", timeout=1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
