"""图谱 in Chromium: a cell opens its passage, a contradiction is settled, a question is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from serving.atlas.settlements import Verdict, read_settlements
from serving.home.database import open_store
from serving.library.articles import keep_records
from tests.browser.chromium import EVIL, SHOTS, needs_chromium
from tests.serving.atlas.reports import RATE, make_rate
from tests.serving.atlas.test_promises import make_target

pytestmark = needs_chromium


@pytest.fixture
def atlas(page: Page, address: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    """The tab, in a home whose library tells two values of one cell."""
    monkeypatch.setenv("YIWEN_HOME", str(home))
    monkeypatch.delenv("YIWEN_DB", raising=False)
    store = open_store()
    rates = [make_rate(2023, "90.6%", title=EVIL), make_rate(2023, "92.2%", source="甲报")]
    keep_records(store, [*rates, make_rate(2021, "82.3%"), make_target(2025)])
    store.dispose()
    page.goto(address)
    page.get_by_role("tab", name="图谱").click()
    page.wait_for_selector("#atlas-pivot tbody tr")
    return page


def fill(page: Page, name: str, words: str) -> None:
    page.fill(f"#atlas-{name} textarea, #atlas-{name} input", words)


def test_from_the_table_to_the_file(atlas: Page, tmp_path: Path) -> None:
    atlas.locator("#atlas-pivot [data-act=cell]").last.click()
    expect(atlas.locator("#atlas-pivot .yw-detail mark")).to_have_text(["90.6%", "92.2%"])
    assert atlas.evaluate("window.hacked") is None
    fill(atlas, "asked-place", "金堂县")
    fill(atlas, "asked-indicator", RATE)
    fill(atlas, "asked-year", "2021")
    atlas.click("#atlas-ask")
    expect(atlas.locator("#atlas-answer mark")).to_have_text("82.3%")
    fill(atlas, "asked-year", "2020")
    atlas.click("#atlas-ask")
    expect(atlas.locator("#atlas-answer")).to_contain_text("无记载")

    atlas.locator("#atlas-contradictions [data-act=other]").click()
    expect(atlas.locator("#atlas-contradictions [data-act=open]")).to_be_visible()
    (settled,) = read_settlements(open_store()).values()
    assert settled.verdict in (Verdict.ONE, Verdict.OTHER)
    SHOTS.mkdir(parents=True, exist_ok=True)
    atlas.screenshot(path=SHOTS / "atlas.png", full_page=True)
    with atlas.expect_download() as download:
        atlas.click("#atlas-xlsx")
    out = tmp_path / "图谱.xlsx"
    download.value.save_as(out)
    assert load_workbook(out)["图谱"].max_row == 2
    fill(atlas, "place", "浙江")
    atlas.click("#atlas-find")
    expect(atlas.locator("#atlas-pivot")).to_contain_text("没有符合的数")
