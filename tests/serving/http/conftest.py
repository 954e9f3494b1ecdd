"""One service with one worker for all tests; each test has a store of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from model.analyzer import DEFAULT_MODEL
from serving.analysis.analyses import Admission, Analyses
from serving.home.audit import AuditLog
from serving.home.database import is_shared, open_store
from serving.http.access import Access
from serving.http.app import guard_app
from serving.http.calls import Metrics
from serving.http.replies import Replies
from serving.http.service import ServedModel, Service
from serving.http.shared_replies import SharedReplies
from serving.registry.versions import Registry

LIMIT_S = 300.0  # a busy machine takes long


@pytest.fixture(scope="session")
def analyses() -> Iterator[Analyses]:
    shared = Analyses(lambda: DEFAULT_MODEL, Admission(1, of_owner=8, waiting=8), LIMIT_S)
    yield shared
    shared.close()


@pytest.fixture
def store(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path))
    monkeypatch.setenv("YIWEN_DB", store_url)
    opened = open_store()
    yield opened
    opened.dispose()


@pytest.fixture
def service(store: Engine, analyses: Analyses) -> Iterator[Service]:
    access, audit = Access(store), AuditLog(store)
    replies = SharedReplies(store) if is_shared(store) else Replies()
    opened = Service(
        store, ServedModel(Registry.at_home()), analyses, access, Metrics(analyses), audit, replies
    )
    yield opened
    audit.close()


@pytest.fixture
def open_client(service: Service) -> Callable[..., TestClient]:
    """Return what makes a client, with a key or without."""

    def make(key: str = "", host: str = "127.0.0.1:7861") -> TestClient:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        app = guard_app(service, ())
        return TestClient(app, f"http://{host}", headers=headers, raise_server_exceptions=False)

    return make


@pytest.fixture
def client(open_client: Callable[..., TestClient]) -> TestClient:
    return open_client()
