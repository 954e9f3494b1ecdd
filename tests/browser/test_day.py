"""A monitor's day: paste fifteen articles, correct three, make the brief; clicks and minutes."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Page, expect

from data.corpus.annotated import read_corpus
from data.themes import read_themes
from serving.brief.check import check_file
from serving.brief.making import article_finder
from serving.home.database import open_store
from tests.browser.chromium import ROOT, SHOTS, slow_in_chromium
from tests.browser.test_walk import COUNT_CLICKS

pytestmark = slow_in_chromium
DAY = "2024-05-16"
N_ARTICLES, N_CORRECTED = 15, 3
MAX_CLICKS = 20


def choose_articles() -> list[str]:
    """Return written articles with a theme, each from another file, as somebody pastes them."""
    keys = frozenset(theme.key for theme in read_themes())
    found: dict[str, str] = {}
    for article in read_corpus(ROOT / "data" / "corpus" / "written", keys):
        if article.themes and 300 < len(article.text) < 3000:
            found.setdefault(article.id.split("-")[0], f"{article.title}\n{DAY}\n{article.text}")
    return list(found.values())[:N_ARTICLES]


@pytest.fixture
def single(page: Page, address: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setenv("YIWEN_HOME", str(home))
    monkeypatch.delenv("YIWEN_DB", raising=False)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script(COUNT_CLICKS)
    page.goto(address)
    page.wait_for_selector("#article textarea")
    page.evaluate("document.activeElement.blur()")
    return page


def paste(page: Page, text: str) -> None:
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")
    body = text.splitlines()[2][:12]
    expect(page.locator(".yw-text")).to_contain_text(body)
    expect(page.locator("#docx")).to_be_enabled()


def correct(page: Page) -> None:
    page.click("#to-correct")
    expect(page.locator(".yc-head")).to_be_visible()
    page.keyboard.press("Shift+2")
    expect(page.locator(".yc-status")).to_contain_text("已保存")
    page.keyboard.press("Enter")
    expect(page.locator(".yc-status")).to_contain_text("已确认")
    page.get_by_role("tab", name="单篇").click()


def test_fifteen_articles_become_a_brief(single: Page, tmp_path: Path) -> None:
    texts = choose_articles()
    assert len(texts) == N_ARTICLES
    start = monotonic()
    for number, text in enumerate(texts):
        paste(single, text)
        if number < N_CORRECTED:
            correct(single)
    single.get_by_role("tab", name="今日").click()
    expect(single.locator("#desk-articles tbody tr")).to_have_count(N_ARTICLES)
    single.fill("#desk-day :is(input, textarea)", DAY)
    single.click("#desk-make")
    expect(single.locator("#desk-entries [data-entry]").first).to_be_visible()
    out = tmp_path / "日报.docx"
    with single.expect_download() as saved:
        single.click("#desk-docx")
    saved.value.save_as(out)
    seconds, clicks = monotonic() - start, single.evaluate("window.clicks")
    SHOTS.mkdir(parents=True, exist_ok=True)
    (SHOTS / "day.txt").write_text(
        f"{clicks} clicks, {seconds / 60:.1f} min for {N_ARTICLES} articles and their brief\n"
    )
    checked = check_file(out, article_finder(open_store()))
    assert checked.faults == ()
    assert checked.n_quotations >= N_ARTICLES
    assert clicks <= MAX_CLICKS
