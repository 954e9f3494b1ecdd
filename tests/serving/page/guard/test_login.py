from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import anyio
import pytest
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from model import InputError
from serving.gateway.rate_limit import MAX_KEYS, RateLimit
from serving.home.database import open_store
from serving.home.users import MAX_NAME_CHARS, add_user, remove_user
from serving.page.guard.login import (
    DEVICE_COOKIE,
    OWNER,
    SESSION_COOKIE,
    USER,
    VISITOR_COOKIE,
    Login,
)
from serving.page.guard.login_attempts import (
    MAX_FAILED_LOGINS,
    MAX_FAILED_OF_ADDRESS,
    LoginAttempts,
    TooManyAttemptsError,
)
from serving.page.guard.user_sessions import (
    MAX_SESSIONS_A_USER,
    UserSessions,
    is_device_mark,
    make_device_mark,
)

PASSWORD = "一个够长的密码 1"
HERE, ELSEWHERE = "10.0.0.7", "10.0.0.8"


@pytest.fixture
def store(tmp_path: Path) -> Engine:
    return open_store(f"sqlite:///{tmp_path / 'store.db'}")


@pytest.fixture
def users(store: Engine) -> Engine:
    add_user(store, "lan", PASSWORD)
    add_user(store, "ming", PASSWORD)
    return store


async def show(scope: Scope, receive: Receive, send: Send) -> None:
    who = PlainTextResponse(f"{scope[USER]}|{scope[OWNER]}|{Request(scope).url.path}")
    await who(scope, receive, send)


def open_page(store: Engine, url: str = "http://desk.cn", *, login: bool = True) -> TestClient:
    page = Login(show, UserSessions(store, login=login), LoginAttempts(store))
    return TestClient(page, base_url=url)


def log_in(page: TestClient, name: str = "lan", password: str = PASSWORD) -> int:
    form = {"username": name, "password": password}
    return page.post("/", data=form).status_code


def test_a_page_without_users_knows_browsers_apart(store: Engine) -> None:
    first, second = open_page(store), open_page(store)
    owners = {page.get("/x").text for page in (first, second)}
    assert len(owners) == 2
    assert first.get("/x").text in owners
    cookie = open_page(store).get("/").headers["set-cookie"]
    assert cookie.startswith(VISITOR_COOKIE)
    assert "HttpOnly; SameSite=Strict" in cookie


def test_login_is_asked_as_soon_as_there_are_users(store: Engine) -> None:
    page = open_page(store, "http://127.0.0.1:7860")
    assert page.get("/config").status_code == 200
    add_user(store, "lan", PASSWORD)
    assert page.get("/config").status_code == 401
    assert "<form" in page.get("/").text
    assert open_page(store, login=False).get("/config").status_code == 200


def test_a_user_logs_in_and_out(users: Engine) -> None:
    page = open_page(users)
    assert log_in(page, password="wrong password") == 401
    assert page.get("/config").status_code == 401
    assert log_in(page, " lan ") == 200
    assert page.get("/config").text == "lan|user lan|/config"
    assert page.get("/logout").status_code == 405
    assert page.get("/config").status_code == 200
    assert page.post("/logout").status_code == 200
    assert page.get("/config").status_code == 401


def test_logging_out_leaves_the_other_sessions(users: Engine) -> None:
    here, there = open_page(users), open_page(users)
    here.app = there.app
    assert log_in(here) == log_in(there) == 200
    here.post("/logout")
    assert there.get("/config").status_code == 200


def test_an_ended_session_is_over_although_its_cookie_is_kept(users: Engine) -> None:
    page = open_page(users)
    log_in(page)
    secret = page.cookies[SESSION_COOKIE]
    page.post("/logout")
    cookie = {"cookie": f"{SESSION_COOKIE}={secret}"}
    assert page.get("/config", headers=cookie).status_code == 401


def test_a_new_password_and_a_removed_user_end_sessions(users: Engine) -> None:
    page, other = open_page(users), open_page(users)
    assert log_in(page) == log_in(other, "ming") == 200
    add_user(users, "lan", "换过的密码 22")
    remove_user(users, "ming")
    assert page.get("/config").status_code == 401
    assert other.get("/config").status_code == 401


@pytest.mark.parametrize(
    ("url", "is_secure"), [("http://desk.cn", False), ("https://desk.cn", True)]
)
def test_cookies_are_for_this_site_only(users: Engine, url: str, is_secure: bool) -> None:
    page = open_page(users, url)
    answer = page.post("/login", data={"username": "lan", "password": PASSWORD})
    cookies = answer.headers.get_list("set-cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {SESSION_COOKIE, DEVICE_COOKIE}
    for cookie in cookies:
        assert "HttpOnly; SameSite=Strict" in cookie
        assert ("Secure" in cookie) == is_secure


def test_a_link_from_elsewhere_is_asked_again_with_cookies(users: Engine) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    answer = open_page(users).get("/", headers=link)
    assert "http-equiv='refresh'" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"username=lan", b"username=" + b"a" * 900_000, b"&" * 2_000]
)
def test_an_odd_form_is_refused(users: Engine, body: bytes) -> None:
    assert open_page(users).post("/login", content=body).status_code == 400


def test_names_have_a_length(users: Engine) -> None:
    with pytest.raises(InputError, match="最多"):
        add_user(users, "名" * (MAX_NAME_CHARS + 1), PASSWORD)
    attempts = LoginAttempts(users)
    assert not anyio.run(attempts.verify, "名" * (MAX_NAME_CHARS + 1), PASSWORD, HERE)
    assert len(attempts._of_name) == 0


def test_sessions_of_a_user_are_bounded(users: Engine) -> None:
    sessions = UserSessions(users)
    secrets = [sessions.begin("lan") for _ in range(MAX_SESSIONS_A_USER + 1)]
    assert [sessions.find_user(secret) for secret in secrets[:2]] == [None, "lan"]


def test_of_forty_guesses_at_once_five_are_verified(
    users: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    def is_password_of(_: Engine, __: str, password: str) -> bool:
        verified.append(password)
        return False

    monkeypatch.setattr("serving.page.guard.login_attempts.is_password_of", is_password_of)
    attempts = LoginAttempts(users)

    async def guess(password: str) -> None:
        with suppress(TooManyAttemptsError):
            await attempts.verify("lan", password, ELSEWHERE)

    async def guess_all() -> None:
        async with anyio.create_task_group() as group:
            for number in range(40):
                group.start_soon(guess, f"guess {number}")

    anyio.run(guess_all)
    assert len(verified) == MAX_FAILED_LOGINS


def test_strangers_do_not_lock_a_user_out(users: Engine) -> None:
    attempts = LoginAttempts(users)
    mark = make_device_mark(users, "lan")

    async def try_all() -> list[bool]:
        for _ in range(MAX_FAILED_LOGINS):
            await attempts.verify("lan", "wrong password", ELSEWHERE)
        with pytest.raises(TooManyAttemptsError):
            await attempts.verify("lan", PASSWORD, ELSEWHERE)
        return [
            await attempts.verify("ming", PASSWORD, ELSEWHERE),  # another name
            await attempts.verify("lan", PASSWORD, HERE),  # another address
            await attempts.verify("lan", PASSWORD, ELSEWHERE, mark),  # a browser that is known
        ]

    assert anyio.run(try_all) == [True, True, True]


def test_a_known_browser_cannot_guess_without_end(users: Engine) -> None:
    attempts, mark = LoginAttempts(users), make_device_mark(users, "lan")

    async def guess() -> None:
        for _ in range(MAX_FAILED_LOGINS + 1):
            await attempts.verify("lan", "wrong password", HERE, mark)

    with pytest.raises(TooManyAttemptsError):
        anyio.run(guess)


def test_one_address_cannot_try_one_password_on_all_names(
    users: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.page.guard.login_attempts.is_password_of", lambda *_: False)
    attempts = LoginAttempts(users)

    async def spray() -> None:
        for number in range(MAX_FAILED_OF_ADDRESS + 1):
            await attempts.verify(f"name {number}", PASSWORD, f"2001:db8::{number:x}")

    with pytest.raises(TooManyAttemptsError):
        anyio.run(spray)


def test_a_device_mark_is_one_users_and_ends_with_the_password(users: Engine) -> None:
    mark = make_device_mark(users, "lan")
    assert is_device_mark(users, "lan", mark)
    assert not is_device_mark(users, "ming", mark)
    assert not is_device_mark(users, "nobody", mark)
    assert not is_device_mark(users, "lan", mark + "é")
    add_user(users, "lan", "换过的密码 22")
    assert not is_device_mark(users, "lan", mark)


def test_keys_that_strangers_choose_are_not_kept_for_ever() -> None:
    limit = RateLimit(1, 60.0)
    for number in range(MAX_KEYS + 10):
        limit.take(str(number))
    assert len(limit) == MAX_KEYS


def test_a_refused_login_says_so(users: Engine) -> None:
    page = open_page(users)
    statuses = [log_in(page, password="wrong password") for _ in range(MAX_FAILED_LOGINS)]
    assert statuses == [401] * MAX_FAILED_LOGINS
    assert log_in(page) == 429
