"""No pattern may take more than linear time: what is pasted may hold anything, without end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.model.pattern_growth import BAD

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.model.pattern_growth"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=300).stdout
    result: dict[str, Any] = json.loads(printed)
    return result


def test_patterns_are_found(found: dict[str, Any]) -> None:
    places = {place.rpartition(".")[0] for place in found["places"]}
    assert {"model.sentences", "model.summary.openings", "model.cleaning.furniture"} <= places


def test_growth_is_found_where_there_is_some(found: dict[str, Any]) -> None:
    assert found["bad"] == list(BAD)


def test_time_is_linear(found: dict[str, Any]) -> None:
    assert found["slow"] == []
