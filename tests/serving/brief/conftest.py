"""A store with the reports of a day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from serving.home.database import open_store
from serving.library.articles import keep_records
from tests.serving.brief.day import make_day


@pytest.fixture
def store(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "home"))
    store = open_store(store_url)
    keep_records(store, make_day())
    yield store
    store.dispose()
