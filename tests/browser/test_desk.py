"""今日 in Chromium: articles are searched, a brief is proposed, edited, written by hand, saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from serving.brief.check import check_file
from serving.brief.making import article_finder
from serving.home.database import open_store
from serving.library.articles import keep_records
from serving.library.excel_ledger import ledger_file
from tests.browser.chromium import EVIL, SHOTS, slow_in_chromium
from tests.serving.brief.day import DAY, make_day
from tests.serving.library.reports import make_report

pytestmark = slow_in_chromium


@pytest.fixture
def desk(page: Page, address: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    """The tab, in a home whose library has a day's articles."""
    monkeypatch.setenv("YIWEN_HOME", str(home))
    monkeypatch.delenv("YIWEN_DB", raising=False)
    store = open_store()
    evil = make_report(f"坏稿{EVIL}。", title=EVIL, date=DAY, theme="alliance")
    keep_records(store, [*make_day(), evil])
    store.dispose()
    page.goto(address)
    page.get_by_role("tab", name="今日").click()
    page.wait_for_selector("#desk-articles tbody tr")
    return page


def entry_titles(page: Page) -> list[str]:
    return page.locator("#desk-entries [data-entry] > b").all_text_contents()


def test_a_day_from_search_to_the_file(desk: Page, tmp_path: Path) -> None:
    expect(desk.locator("#desk-articles tbody tr")).to_have_count(6)
    desk.fill("#desk-words textarea, #desk-words input", "人才")
    desk.click("#desk-find")
    expect(desk.locator("#desk-articles mark").first).to_have_text("人才")
    desk.locator("#desk-articles [data-act=ledger]").first.click()
    expect(desk.locator("#desk-message")).to_contain_text("台账")
    assert ledger_file("台账").exists()
    desk.locator("#desk-articles [data-act=open]").first.click()
    expect(desk.locator("#desk-articles .yw-detail")).to_contain_text("留任率")

    desk.fill("#desk-day textarea, #desk-day input", DAY)
    desk.click("#desk-make")
    expect(desk.locator("#desk-entries [data-entry]")).to_have_count(3)
    assert desk.evaluate("window.hacked") is None
    before = entry_titles(desk)
    desk.locator("#desk-entries [data-act=drop]").nth(before.index(EVIL)).click()
    expect(desk.locator("#desk-entries [data-entry]")).to_have_count(2)

    desk.locator("#desk-entries [data-act=edit]").first.click()
    desk.fill("#desk-lines textarea", "就诊率升到99.9%。")
    desk.click("#desk-save")
    expect(desk.locator("#desk-message")).to_contain_text("99.9")
    desk.fill("#desk-lines textarea", "县域内就诊率由82.3%提高到90.6%，\n大家都说好。")
    desk.click("#desk-save")
    expect(desk.locator("#desk-entries")).to_contain_text("大家都说好。")

    desk.click("#desk-write")
    desk.locator("#desk-editor input, #desk-editor textarea").first.fill("会商")
    desk.fill("#desk-lines textarea", "5月20日会商。")
    desk.click("#desk-save")
    expect(desk.locator("#desk-entries [data-entry]")).to_have_count(3)
    SHOTS.mkdir(parents=True, exist_ok=True)
    desk.screenshot(path=SHOTS / "desk.png", full_page=True)
    with desk.expect_download() as download:
        desk.click("#desk-docx")
    out = tmp_path / "日报.docx"
    download.value.save_as(out)
    checked = check_file(out, article_finder(open_store()))
    assert checked.faults == ()
    assert checked.n_manual >= 2
