"""`POST /v1/articles`: the report of the command line, and refusals that name their code."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from data.readers import read_file
from data.readers.markup import read_article
from model import Analyzer, Article
from serving.http import articles
from serving.http.app import LIMITS
from serving.http.report_schema import ArticleReport
from serving.page.single.view import read_examples
from tests.conftest import ARTICLE

ASKED = {"text": ARTICLE, "id": "a1", "source": "云岭日报"}


def expect(text: str, analyzer: Analyzer, chars: int | None = None, **known: Any) -> dict[str, Any]:
    """Return a report as the command line writes it."""
    article = read_article(text, **known)
    report = analyzer.analyze(article, summary_chars=chars)
    expected: dict[str, Any] = json.loads(json.dumps(report.to_dict()))
    return expected


def test_the_report_is_that_of_the_command_line(client: TestClient, analyzer: Analyzer) -> None:
    answer = client.post("/v1/articles", json={**ASKED, "summary_chars": 60})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == expect(ARTICLE, analyzer, 60, id="a1", source="云岭日报")


def test_every_key_of_a_report_is_in_the_document(client: TestClient) -> None:
    """A key that is missing here belongs into `serving/http/report_schema.py`."""
    answer = client.post("/v1/articles", json=ASKED).json()
    assert ArticleReport.model_validate(answer).model_dump() == answer
    assert find_undocumented(ArticleReport.model_validate(answer)) == set()


def find_undocumented(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(find_undocumented, value.values()), set())
    if isinstance(value, list):
        return set().union(*map(find_undocumented, value), set())
    if not hasattr(value, "model_extra"):
        return set()
    nested = (getattr(value, name) for name in type(value).model_fields)
    return set(value.model_extra or {}).union(*map(find_undocumented, nested))


def test_html_gives_what_the_command_line_gives(client: TestClient, analyzer: Analyzer) -> None:
    html = f"<html><body>{''.join(f'<p>{line}</p>' for line in ARTICLE.splitlines())}</body></html>"
    answer = client.post("/v1/articles", json={"text": html})
    assert answer.json() == expect(html, analyzer)
    assert answer.json()["figures"]


def test_a_long_text_gets_a_long_summary_where_none_was_asked(
    client: TestClient, analyzer: Analyzer
) -> None:
    text = "\n".join(read_examples().values())
    summary = client.post("/v1/articles", json={"text": text}).json()["summary"]["text"]
    assert len(summary) > 150
    assert summary == expect(text, analyzer)["summary"]["text"]


def test_a_file_gives_what_the_command_line_gives(
    client: TestClient, analyzer: Analyzer, tmp_path: Path
) -> None:
    path = tmp_path / "云岭.txt"
    path.write_bytes(ARTICLE.encode("gb18030"))
    (article,) = read_file(path, path.name)
    assert isinstance(article, Article)
    expected = analyzer.analyze(replace(article, source=path.name), summary_chars=60).to_dict()
    form = {"file": ("../../云岭.txt", path.read_bytes())}
    answer = client.post("/v1/articles", files=form, data={"summary_chars": "60"})
    assert answer.json() == json.loads(json.dumps(expected))


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"json": {"text": "太短"}}, 422, "unusable_input"),
        ({"json": {"text": ""}}, 422, "invalid_request"),
        ({"json": {"text": ARTICLE, "summary_chars": "60"}}, 422, "invalid_request"),
        ({"json": {"text": ARTICLE, "more": 1}}, 422, "invalid_request"),
        ({"json": {"text": ARTICLE, "id": 1.5}}, 422, "invalid_request"),
        ({"json": []}, 422, "invalid_request"),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400, "bad_json"),
        (
            {"content": b'{"text": "\\ud800"}', "headers": {"content-type": "application/json"}},
            400,
            "bad_json",
        ),
        ({"content": b"x"}, 415, "unsupported_media_type"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400, "bad_form"),
        ({"data": {"file": "x"}, "files": {"other": b"x"}}, 400, "bad_form"),
        ({"files": {"file": ("a.pdf", b"%PDF-1.4 broken")}}, 422, "unusable_input"),
        ({"files": {"file": b"x"}, "data": {"summary_chars": "ten"}}, 400, "bad_form"),
        ({"files": {"file": b"x"}, "data": {"summary_chars": "9"}}, 422, "invalid_request"),
    ],
)
def test_a_refusal_is_a_problem_with_a_code(
    client: TestClient, sent: dict[str, Any], status: int, code: str
) -> None:
    answer = client.post("/v1/articles", **sent)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["title"]
    assert problem["title_en"].isascii()
    assert problem["detail"]


def test_a_file_of_many_articles_is_sent_to_batches(client: TestClient) -> None:
    lines = "\n".join(json.dumps({"id": i, "text": ARTICLE}) for i in range(2))
    answer = client.post("/v1/articles", files={"file": ("a.jsonl", lines.encode())})
    assert answer.json()["code"] == "many_articles"


def test_what_is_too_large_is_refused_however_it_comes(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "/v1/articles", 1_000)
    headers = {"content-type": "application/json"}
    said = client.post("/v1/articles", content=b"x" * 2_000, headers=headers)
    unsaid = client.post("/v1/articles", content=iter([b"x" * 900] * 2), headers=headers)
    assert (said.status_code, said.json()["code"]) == (413, "too_large")
    assert (unsaid.status_code, unsaid.json()["code"]) == (413, "too_large")


def test_a_request_sent_again_with_its_key_is_not_done_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"idempotency-key": "k1"}
    first = client.post("/v1/articles", json=ASKED, headers=headers)
    with monkeypatch.context() as patch:
        patch.setattr(articles, "_analyse", None)  # to analyse again would fail
        again = client.post("/v1/articles", json=ASKED, headers=headers)
        other = client.post("/v1/articles", json={**ASKED, "id": "a2"}, headers=headers)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


def test_a_refused_request_may_be_mended_under_its_key(client: TestClient) -> None:
    headers = {"idempotency-key": "k2"}
    assert client.post("/v1/articles", json={"text": "太短"}, headers=headers).status_code == 422
    assert client.post("/v1/articles", json=ASKED, headers=headers).status_code == 200


def test_health_metrics_and_models(client: TestClient) -> None:
    client.post("/v1/articles", json=ASKED)
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok"}
    line = 'yiwen_http_requests_total{method="POST",route="/v1/articles",status="200"} 1.0'
    assert line in client.get("/metrics").text
    (model,) = client.get("/v1/models").json()["models"]
    assert (model["name"], model["in_use"], model["is_usable"]) == ("default", True, True)
    assert {"theme": "alliance", "name": "医共体"} in model["themes"]


def test_the_document_is_shown_without_anything_from_outside(client: TestClient) -> None:
    page = client.get("/docs").text
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"docs/assets/{asset}" in page
        assert client.get(f"/docs/assets/{asset}").status_code == 200
    assert "http" not in page.replace("http-equiv", "")
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert {"ArticleReport", "FigureReport", "Problem"} <= schemas.keys()
    assert "HTTPValidationError" not in schemas


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [("GET", "/v1/nothing", "not_found"), ("PUT", "/v1/articles", "method_not_allowed")],
)
def test_what_is_not_served_is_a_problem_too(
    client: TestClient, method: str, path: str, code: str
) -> None:
    answer = client.request(method, path)
    assert answer.json()["code"] == code
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_file_is_gone_after_its_answer(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    form = {"file": ("a.txt", ARTICLE.encode())}
    assert client.post("/v1/articles", files=form).status_code == 200
    assert list(scratch.iterdir()) == []
