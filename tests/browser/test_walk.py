"""A person who files ten articles: paste, read, correct a theme and a row, save; clicks counted."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from playwright.sync_api import Page, expect

from tests.browser.chromium import SHOTS, slow_in_chromium
from tests.conftest import ARTICLE

pytestmark = slow_in_chromium
PLACES = ("云岭", "青禾", "澄水", "石桥", "岭南", "岭北", "岭东", "岭西", "白河", "松溪")
MAX_CLICKS = 4
COUNT_CLICKS = """addEventListener("pointerdown", (event) => {
  if (event.isTrusted) window.clicks = (window.clicks ?? 0) + 1;
}, true)"""


def file_one(page: Page, place: str, folder: Path) -> None:
    page.evaluate("(text) => navigator.clipboard.writeText(text)", ARTICLE.replace("云岭", place))
    page.keyboard.press("Control+v")
    expect(page.locator(".yw-text")).to_contain_text(f"{place}县把县人民医院")
    expect(page.locator("#docx")).to_be_enabled()
    with page.expect_download() as saved:
        page.click("#docx")
    saved.value.save_as(folder / saved.value.suggested_filename)
    page.click("#to-correct")
    expect(page.locator(".yc-head")).to_contain_text(place)
    page.keyboard.press("Shift+3")
    expect(page.locator(".yc-status")).to_contain_text("已保存")
    page.locator(".yc-row").nth(1).click()
    page.locator(".yc-form [name=indicator]").fill("派驻医师")
    page.keyboard.press("Tab")
    expect(page.locator(".yc-row").nth(1)).to_contain_text("派驻医师")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator(".yc-status")).to_contain_text("上一篇已确认")
    page.get_by_role("tab", name="单篇").click()


def test_ten_articles_are_filed(page: Page, address: str, tmp_path: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(COUNT_CLICKS)
    page.goto(address)
    page.wait_for_selector("#article textarea")
    page.evaluate("document.activeElement.blur()")
    start = monotonic()
    for place in PLACES:
        file_one(page, place, tmp_path)
    seconds = monotonic() - start
    clicks = page.evaluate("window.clicks")
    SHOTS.mkdir(parents=True, exist_ok=True)
    (SHOTS / "walk.txt").write_text(f"{clicks} clicks, {seconds:.0f} s for ten articles\n")
    assert len(list(tmp_path.glob("*.docx"))) == len(PLACES)
    assert clicks <= MAX_CLICKS * len(PLACES)
