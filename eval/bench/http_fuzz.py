"""Schemathesis over the OpenAPI document: `python -m eval.bench.http_fuzz --calls 5000`.

Starts a service with an empty store on this machine and sends it what the document allows and what
it does not. Fails where an answer has a status of 500 or more, or a status, a content type or a
body that the document does not describe. Schemathesis is not installed by `make install`:
`pip install -c constraints.txt schemathesis`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from data.command import run_command
from eval.bench.http_server import open_service

N_ROUTES = 12  # of which examples are generated; the others have no parameters
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance"
)
_CASES = re.compile(r"(\d[\d,]*) generated")


def main(
    calls: Annotated[int, typer.Option(help="About how many calls.", min=20)] = 5_000,
    seed: Annotated[int, typer.Option(help="Seed of what is generated.")] = 1,
    minutes: Annotated[float, typer.Option(help="How long at most.", min=0.1)] = 120.0,
) -> None:
    """Print what Schemathesis found; exit with 1 where it found anything."""
    # Schemathesis keeps what it found in the working folder.
    with open_service("--time-limit", "60") as (url, _), TemporaryDirectory() as scratch:
        command = [
            sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json",
            "--max-examples", str(max(1, calls // N_ROUTES)), "--checks", CHECKS,
            "--phases", "examples,coverage,fuzzing", "--seed", str(seed),
            "--request-timeout", "120", "--suppress-health-check", "all", "--no-color",
            "--generation-database", "none", "--max-time", str(round(minutes * 60)),
        ]  # fmt: skip
        done = subprocess.run(  # noqa: S603 # our own
            command, check=False, capture_output=True, encoding="utf-8", cwd=scratch
        )
    Console().print(done.stdout, markup=False, highlight=False)
    found = _CASES.search(done.stdout)
    Console().print(f"cases: {found[1] if found else 'unknown'}", highlight=False)
    if done.returncode:
        Console(stderr=True).print(done.stderr[-2_000:], markup=False)
        raise typer.Exit(1)


if __name__ == "__main__":
    run_command(main)
