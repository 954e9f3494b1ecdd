"""Every route of the OpenAPI document answers rubbish with what the document says, never with 500.

The long form is `python -m eval.bench.http_fuzz`.
"""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.http import batch_store
from serving.http.app import build_app
from serving.http.problems import MEDIA_TYPE, known_problems
from serving.http.service import Service
from serving.jobs import batch_jobs

RUBBISH: tuple[dict[str, Any], ...] = (
    {},
    *(
        {"content": content, "headers": {"content-type": kind}}
        for kind in ("application/json", "multipart/form-data; boundary=x", "application/x-ndjson")
        for content in (
            b"",
            b"{}",
            b"[1]",
            b"null",
            b"\xff\xfe\0",
            b'{"text": 1e999}',
            b"--x\r\n\r\n",
        )
    ),
    {"params": {"offset": "-1", "limit": "x", "since": "gestern", "name": "x" * 99, "q": "\0"}},
    {"headers": {"idempotency-key": "x" * 300}},
    {"headers": {"authorization": "Bearer ä".encode("latin-1")}},
)
METHODS = {"get", "post", "delete"}


def test_rubbish_gets_what_the_document_says(
    service: Service, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_jobs, "start_worker", lambda: None)
    monkeypatch.setattr(batch_store, "start_worker", lambda *_: None)
    n_calls = 0
    for path, operations in build_app(service).openapi()["paths"].items():
        for method in METHODS & operations.keys():
            described = operations[method]["responses"]
            for sent in RUBBISH:
                place = path.replace("{batch_id}", "%00..%2F").replace("{brief_id}", str(1 << 40))
                answer = client.request(method.upper(), place, **sent)
                kind = answer.headers.get("content-type", "").partition(";")[0]
                context = f"{method} {path} {sent}: {answer.status_code} {kind} {answer.text[:200]}"
                assert answer.status_code in {*range(500), 503}, context  # 503: not ready yet
                assert str(answer.status_code) in described, context
                if answer.status_code >= 400:
                    assert kind == MEDIA_TYPE, context
                    assert answer.json()["code"] in known_problems(), context
                n_calls += 1
    assert n_calls > 300


def test_every_problem_has_both_languages() -> None:
    for code, known in known_problems().items():
        assert 400 <= known["status"] < 600, code
        assert known["zh"], code
        assert known["en"].isascii(), code
