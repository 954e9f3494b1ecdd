"""A PostgreSQL of its own in a temporary folder, from Debian's packages, gone at the end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from model import YiwenError

_FOLDERS = "/usr/lib/postgresql/*/bin"  # where Debian puts what is not in PATH
_START_TIMEOUT_S = 60.0
_USER = "yiwen"


def find_programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs, the newest; None where there is none."""
    folders = sorted(Path("/").glob(_FOLDERS.lstrip("/")), key=lambda path: path.parent.name)
    in_path = shutil.which("initdb")
    return folders[-1] if folders else Path(in_path).parent if in_path else None


@contextmanager
def open_postgres() -> Iterator[str]:
    """Start a server on a free port of this machine; yield the URL of its database.

    Raises:
        YiwenError: PostgreSQL is not installed, or does not start.
    """
    programs = find_programs()
    if programs is None:
        raise YiwenError("PostgreSQL is not installed; on Debian: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="yiwen-pg-"))
    as_user = _as_other_user(folder)
    data, port = folder / "data", _free_port()
    try:
        _run([programs / "initdb", "-D", data, "-U", _USER, "-A", "trust", "-E", "UTF8",
              "--no-sync"], as_user)  # fmt: skip
        # Time has another zone than UTC, as on most machines.
        settings = {"listen_addresses": "127.0.0.1", "port": port, "fsync": "off",
                    "unix_socket_directories": folder, "timezone": "Asia/Shanghai",
                    "max_connections": 200}  # fmt: skip
        options = [f"--{name}={value}" for name, value in settings.items()]
        log = folder / "log.txt"
        with log.open("wb") as stream:
            server = subprocess.Popen(  # noqa: S603 # PostgreSQL's own program
                [programs / "postgres", "-D", data, *options], stdout=stream, stderr=stream,
                cwd=folder, **as_user,
            )  # fmt: skip
        try:
            _wait_for(port, server, log)
            yield f"postgresql://{_USER}@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # SIGTERM would wait for those that are connected
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_other_user(folder: Path) -> dict[str, Any]:
    """Return how to start a program as somebody else: PostgreSQL does not run as root."""
    if os.getuid() != 0:
        return {}
    shutil.chown(folder, "postgres", "postgres")
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _run(command: list[str | Path], as_user: dict[str, Any]) -> None:
    done = subprocess.run(  # noqa: S603 # PostgreSQL's own program
        command, check=False, capture_output=True, encoding="utf-8", cwd="/", **as_user
    )
    if done.returncode:
        raise YiwenError(f"{command[0]}: {done.stderr[-500:]}")


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    end = monotonic() + _START_TIMEOUT_S
    address = f"host=127.0.0.1 port={port} user={_USER} dbname=postgres connect_timeout=5"
    while monotonic() < end and server.poll() is None:
        try:
            psycopg.connect(address).close()
            return
        except psycopg.OperationalError:
            sleep(0.2)
    raise YiwenError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-500:]}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
