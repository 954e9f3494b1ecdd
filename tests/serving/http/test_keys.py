"""Keys: stored hashed, shown once, revoked at once; what they allow, and how often."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient
from typer.testing import CliRunner

from model import InputError
from serving.cli.advice import explain
from serving.cli.main import app
from serving.home.audit import read_audit
from serving.home.database import open_store
from serving.home.folder import STORE_NAME
from serving.home.keys import Limit, Scope, add_key, find_key, list_keys, revoke_key
from serving.http.launch import ServeSettings, check_keys
from serving.http.service import Service
from tests.conftest import ARTICLE

Open = Callable[..., TestClient]


def expire(store: Engine, name: str) -> None:
    with store.begin() as connection:
        at = datetime.now(UTC) - timedelta(seconds=1)
        query = text("UPDATE api_key SET expires_at = :at WHERE name = :name")
        connection.execute(query, {"at": at, "name": name})


def test_a_key_is_stored_hashed_and_found(store: Engine, tmp_path: Path) -> None:
    key = add_key(store, "办公系统", {Scope.READ}, "5/s", days=3)
    secret = key.rpartition("_")[2].encode()
    stored = [path.read_bytes() for path in tmp_path.glob(f"{STORE_NAME}*")]
    assert not any(secret in content for content in stored)
    found = find_key(store, key)
    assert found is not None
    assert (found.name, found.scopes, found.limit) == ("办公系统", {"read"}, Limit(5, 1.0))
    assert [known.state for known in list_keys(store)] == ["valid"]


@pytest.mark.parametrize(
    "wrong", ["", "yw", "yw_", "yw__", "x", "yw_{id}_", "yw_{id}_wrong", "é_\ud800"]
)
def test_what_is_no_key_is_not_found(store: Engine, wrong: str) -> None:
    key = add_key(store, "lan")
    assert find_key(store, wrong.replace("{id}", key.split("_")[1])) is None
    assert find_key(store, "xx" + key[2:]) is None
    assert find_key(store, key + "x") is None


def test_a_key_ends_when_it_is_revoked_or_expires(store: Engine) -> None:
    first = add_key(store, "lan")
    with pytest.raises(InputError, match="已有密钥"):
        add_key(store, "lan")
    revoke_key(store, "lan")
    second = add_key(store, "lan")
    assert find_key(store, first) is None
    assert find_key(store, second) is not None
    expire(store, "lan")
    assert find_key(store, second) is None
    assert [key.state for key in list_keys(store)] == ["revoked", "expired"]
    with pytest.raises(InputError, match="没有 ming") as caught:
        revoke_key(store, "ming")
    assert "yiwen keys list" in explain(caught.value)


@pytest.mark.parametrize("limit", ["60", "0/min", "-1/s", "60/week", "1.5/s", ""])
def test_a_limit_that_cannot_be_read_is_refused(store: Engine, limit: str) -> None:
    with pytest.raises(InputError, match="读不懂"):
        add_key(store, "lan", limit=limit)


def test_without_keys_this_machine_is_served_and_no_other_name(open_client: Open) -> None:
    assert open_client().get("/v1/models").status_code == 200
    answer = open_client(host="evil.example").get("/v1/models")
    assert (answer.status_code, answer.json()["code"]) == (403, "other_site")
    origin = {"origin": "http://evil.example"}
    assert open_client().get("/v1/models", headers=origin).status_code == 403


def test_with_keys_any_name_is_served_and_nobody_without(store: Engine, open_client: Open) -> None:
    key = add_key(store, "lan")
    assert open_client(key, host="yiwen.example").get("/v1/models").status_code == 200
    refused = open_client().get("/v1/models")
    assert (refused.status_code, refused.json()["code"]) == (401, "no_key")
    assert refused.headers["www-authenticate"] == "Bearer"
    revoke_key(store, "lan")
    assert open_client(key).get("/v1/models").status_code == 401  # and it stays closed
    assert open_client().get("/v1/models").status_code == 401
    assert open_client().get("/healthz").status_code == 200


def test_thirty_attempts_are_refused_and_take_as_long(store: Engine, open_client: Open) -> None:
    """Six each: no key, an unknown one, a wrong secret, expired, revoked."""
    keys = {name: add_key(store, name) for name in ("expired", "revoked", "wrong")}
    keys["wrong"] = keys["wrong"][:-4] + "AAAA"
    expire(store, "expired")
    revoke_key(store, "revoked")
    attempts = {**keys, "none": "", "unknown": "yw_000000000000_" + "A" * 43}
    times_ms: dict[str, list[float]] = {name: [] for name in attempts}
    clients = {name: open_client(key) for name, key in attempts.items()}
    bodies = set()
    for _ in range(6):
        for name, client in clients.items():
            start = perf_counter()
            answer = client.post("/v1/articles", json={"text": ARTICLE})
            times_ms[name].append((perf_counter() - start) * 1e3)
            assert answer.status_code == 401
            bodies.add(answer.content)
    assert len(bodies) == 1  # nothing is given away
    middles = [median(times) for times in times_ms.values()]
    assert max(middles) < 3 * min(middles)


def test_a_scope_that_is_lacking_is_refused(store: Engine, open_client: Open) -> None:
    reader = open_client(add_key(store, "reader", {Scope.READ}))
    assert reader.get("/v1/models").status_code == 200
    answer = reader.post("/v1/articles", json={"text": ARTICLE})
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_scope")
    analyst = open_client(add_key(store, "analyst", {Scope.ANALYSE}))
    assert analyst.get("/v1/models").json()["code"] == "wrong_scope"
    assert analyst.get("/metrics").status_code == 403


def test_a_key_comes_only_so_often(store: Engine, open_client: Open) -> None:
    slow, other = open_client(add_key(store, "slow", limit="2/min")), add_key(store, "other")
    answers = [slow.get("/v1/models") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "too_many_requests"
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    assert open_client(other).get("/v1/models").status_code == 200


def test_the_audit_log_says_who_did_what_without_the_text(
    store: Engine, service: Service, open_client: Open, tmp_path: Path
) -> None:
    client = open_client(add_key(store, "lan"))
    client.post("/v1/articles", json={"text": ARTICLE})
    client.get("/healthz")
    open_client().get("/v1/models?q=云岭县")
    service.audit.close()
    refused, done = read_audit(store)
    assert (done.name, done.action, done.status) == ("lan", "POST /v1/articles", 200)
    assert done.n_bytes > len(ARTICLE)
    assert (refused.name, refused.action, refused.status) == ("", "GET /v1/models", 401)
    assert read_audit(store, "lan") == [done]
    stored = b"".join(path.read_bytes() for path in tmp_path.glob(f"{STORE_NAME}*"))
    assert "云岭县".encode() not in stored


def test_another_address_demands_keys(store: Engine) -> None:
    check_keys(ServeSettings(), store)
    with pytest.raises(InputError, match="需要先设密钥") as caught:
        check_keys(ServeSettings(host="0.0.0.0"), store)
    assert "yiwen keys add" in explain(caught.value)
    add_key(store, "lan")
    check_keys(ServeSettings(host="0.0.0.0"), store)
    with pytest.raises(InputError, match="--no-keys"):
        check_keys(ServeSettings(host="0.0.0.0", keys=False), store)


def test_keys_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path))
    run = CliRunner()
    made = run.invoke(app, ["keys", "add", "lan", "--scope", "read, correct", "--limit", "9/min"])
    key = find_key(open_store(), made.stdout.strip())
    assert key is not None
    assert (key.scopes, key.limit) == ({"read", "correct"}, Limit(9, 60.0))
    assert made.stdout.strip() not in run.invoke(app, ["keys", "list"]).stdout
    assert run.invoke(app, ["keys", "revoke", "lan"]).exit_code == 0
    assert "已撤销" in run.invoke(app, ["keys", "list"], env={"COLUMNS": "200"}).stdout
    assert isinstance(run.invoke(app, ["keys", "add", "x", "--scope", "all"]).exception, InputError)
