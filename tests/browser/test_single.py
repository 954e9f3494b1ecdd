"""单篇 in Chromium: no result is out of date, none is lost, all of it can be taken away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import SHOTS, WAIT_MS, free_port, serve, slow_in_chromium
from tests.conftest import ARTICLE

pytestmark = slow_in_chromium
BOX = "#article textarea"
OTHER = ARTICLE.replace("云岭", "青禾")
LONG = OTHER + "县医院今年添了床位300张，门诊人次增长8.5%。\n" * 1_500


@pytest.fixture
def page(page: Page, address: str) -> Page:
    open_page(page, address)
    return page


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("#article", state="attached")


def analyze(page: Page, text: str) -> None:
    page.fill(BOX, text)
    page.click("#run")


def expect_result(page: Page, place: str) -> None:
    expect(page.locator(".yw-text")).to_contain_text(f"{place}县把县人民医院")


def download(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.click(button)
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def test_another_text_in_the_box_switches_the_result_off(page: Page) -> None:
    analyze(page, ARTICLE)
    expect_result(page, "云岭")
    expect(page.locator("#docx")).to_be_enabled()
    page.click("[data-unfold]")
    page.fill(BOX, OTHER)
    for button in ("copy", "docx", "xlsx", "json", "to-correct"):
        expect(page.locator(f"#{button}")).to_be_disabled()
    expect(page.locator(".yw-stale-note")).to_be_visible()
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "stale.png")
    page.fill(BOX, ARTICLE)
    expect(page.locator("#docx")).to_be_enabled()
    page.fill(BOX, OTHER)
    page.press(BOX, "Control+Enter")
    expect_result(page, "青禾")
    expect(page.locator("#docx")).to_be_enabled()


def test_the_last_of_several_requests_is_shown(page: Page) -> None:
    analyze(page, LONG)
    expect(page.locator("#stop")).to_be_enabled()
    page.fill(BOX, ARTICLE)
    page.press(BOX, "Control+Enter")
    expect_result(page, "云岭")
    expect(page.locator("#docx")).to_be_enabled()
    expect(page.locator("#stop")).to_be_disabled()


def test_a_file_that_is_dropped_last_wins_over_a_paste(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "云岭.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    analyze(page, LONG)
    expect(page.locator("#stop")).to_be_enabled()
    page.set_input_files("#file input[type=file]", path)
    expect_result(page, "云岭")
    page.wait_for_timeout(3_000)
    expect_result(page, "云岭")
    assert page.input_value(BOX) == ARTICLE


def test_the_last_article_is_there_after_a_refresh_and_a_restart(
    browser: Browser, tmp_path: Path
) -> None:
    home, port = tmp_path / "home", free_port()
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.set_default_timeout(WAIT_MS)
    with serve(home, port):
        page = context.new_page()
        open_page(page, f"http://127.0.0.1:{port}")
        analyze(page, ARTICLE)
        expect_result(page, "云岭")
        page.fill("#headline-place :is(input, textarea)", "云岭县")
        page.press("#headline-place :is(input, textarea)", "Enter")
        page.wait_for_function(
            "document.querySelector('[data-copy=all]').value.includes('2024-05-16　云岭县')"
        )
        page.reload()
        expect_result(page, "云岭")
        page.click("[data-unfold]")
        page.fill(BOX, "还没有分析的一段")
        page.wait_for_timeout(500)
        page.reload()
        expect(page.locator(BOX)).to_have_value("还没有分析的一段")
        expect(page.locator("#docx")).to_be_disabled()
        page.close()
    with serve(home, port):
        page = context.new_page()
        open_page(page, f"http://127.0.0.1:{port}")
        expect_result(page, "云岭")
        expect(page.locator(BOX)).to_have_value(ARTICLE)
        expect(page.locator("#headline-place :is(input, textarea)")).to_have_value("云岭县")
        stranger = browser.new_page()
        open_page(stranger, f"http://127.0.0.1:{port}")
        expect(stranger.locator("#result")).to_contain_text("还没有文章")
        page.click("[data-unfold]")
        page.click("#clear")
        expect(page.locator("#result")).to_contain_text("还没有文章")
        page.reload()
        page.wait_for_timeout(3_000)
        expect(page.locator("#result")).to_contain_text("还没有文章")
        stranger.close()
    context.close()


def test_what_is_written_above_the_result_is_filed(page: Page, tmp_path: Path) -> None:
    analyze(page, ARTICLE)
    expect_result(page, "云岭")
    page.fill("#headline-title :is(input, textarea)", "云岭县推进医共体")
    page.fill("#headline-source :is(input, textarea)", "云岭日报")
    page.fill("#headline-place :is(input, textarea)", "云岭县")
    word = download(page, "#docx", tmp_path)
    assert word.name == "医闻-2024-05-16-云岭县推进医共体.docx"
    facts = [paragraph.text for paragraph in Document(str(word)).paragraphs[:5]]
    assert facts[:4] == ["云岭县推进医共体", "日期：2024-05-16", "来源：云岭日报", "地区：云岭县"]
    report = json.loads(download(page, "#json", tmp_path).read_text(encoding="utf-8"))
    assert (report["source"], report["place"]["name"]) == ("云岭日报", "云岭县")
    page.fill("#headline-date :is(input, textarea)", "前天")
    page.click("#json")
    expect(page.locator("body")).to_contain_text("日期“前天”读不懂")


def test_the_box_folds_and_the_table_is_sorted_and_filtered(page: Page) -> None:
    analyze(page, ARTICLE)
    expect_result(page, "云岭")
    expect(page.locator("#single-input")).to_be_hidden()
    rows = page.locator(".yw-figure-table tbody tr:visible")
    n_rows = rows.count()
    printed = page.locator("th.yw-c-printed [data-sort]")
    printed.click()
    assert rows.first.inner_text().startswith(("乡镇卫生院", "16"))
    printed.click()
    expect(rows.first).to_contain_text("3260人次")
    page.fill("[data-filter]", "就诊率")
    expect(rows).to_have_count(2)
    page.fill("[data-filter]", "")
    printed.click()
    expect(rows).to_have_count(n_rows)
    page.click("[data-unfold]")
    expect(page.locator(BOX)).to_be_focused()
