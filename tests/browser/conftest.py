from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import CHROMIUM, FLAGS, WAIT_MS, free_port, serve

expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    port = free_port()
    with serve(home, port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def requests() -> list[str]:
    """What the tab has asked for."""
    return []


@pytest.fixture
def page(browser: Browser, requests: list[str]) -> Iterator[Page]:
    """An empty tab."""
    opened = browser.new_page(viewport={"width": 1366, "height": 768})
    opened.set_default_timeout(WAIT_MS)
    opened.on("request", lambda request: requests.append(request.url))
    yield opened
    opened.close()
