"""Axe finds nothing serious on any tab, light, dark and on a phone; keys reach everything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import WAIT_MS, slow_in_chromium
from tests.conftest import ARTICLE

pytestmark = slow_in_chromium
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
TABS = ("单篇", "校正", "批量", "今日", "训练", "模型")
FACES: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1366, "height": 768}},
    "dark": {"viewport": {"width": 1366, "height": 768}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}},
}
FIND = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter((found) => ["serious", "critical"].includes(found.impact))
  .flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.html.slice(0, 160)}`))"""


@pytest.fixture(params=FACES)
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Any:
    opened = browser.new_page(**FACES[request.param])
    opened.set_default_timeout(WAIT_MS)
    opened.goto(address)
    opened.wait_for_selector("#article textarea")
    yield opened
    opened.close()


def show(page: Page, tab: str) -> None:
    button = page.get_by_role("tab", name=tab)
    if not button.count() or not button.first.is_visible():
        page.locator(".overflow-menu > button").click()
        page.locator(".overflow-dropdown button", has_text=tab).click()
    else:
        button.first.click()
    page.wait_for_timeout(1_500)


def test_axe_finds_nothing_serious_on_any_tab(page: Page) -> None:
    page.fill("#article textarea", ARTICLE)
    page.click("#run")
    page.wait_for_selector(".yw-lower")
    page.add_script_tag(path=AXE)
    found = {}
    for tab in TABS:
        show(page, tab)
        found[tab] = page.evaluate(FIND)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), tab
    assert {tab: problems for tab, problems in found.items() if problems} == {}


def test_keys_alone_reach_what_is_needed(page: Page) -> None:
    page.fill("#article textarea", ARTICLE)
    page.press("#article textarea", "Control+Enter")
    page.wait_for_selector(".yw-lower")
    wanted = {"docx", "xlsx", "to-correct", "copy"}
    reached = set()
    page.evaluate("document.activeElement.blur()")
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert wanted <= reached
    expect(page.locator("[data-theme]").first).to_be_visible()
