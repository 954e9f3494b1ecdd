"""Logging in and out in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from serving.home.database import open_store
from serving.home.users import add_user
from tests.browser.chromium import free_port, serve, slow_in_chromium
from tests.conftest import ARTICLE

pytestmark = slow_in_chromium
PASSWORD = "一个够长的密码 1"


@pytest.fixture(scope="module")
def hosted(home: Path) -> Iterator[str]:
    store = open_store(f"sqlite:///{home / 'yiwen.db'}")
    add_user(store, "兰", PASSWORD)
    store.dispose()
    port = free_port()
    with serve(home, port):
        yield f"http://127.0.0.1:{port}"


def test_a_user_logs_in_analyses_and_logs_out(page: Page, hosted: str) -> None:
    page.goto(hosted)
    page.fill("[name=username]", "兰")
    page.fill("[name=password]", "不对的密码")
    page.click("button")
    page.wait_for_selector("[role=alert]")
    page.fill("[name=username]", "兰")
    page.fill("[name=password]", PASSWORD)
    page.click("button")
    page.fill("#article textarea", ARTICLE)
    page.click("#run")
    page.wait_for_selector(".yw-lower")
    page.click("[data-logout]")
    page.wait_for_selector("[name=password]")
    page.goto(hosted)
    page.wait_for_selector("[name=password]")
