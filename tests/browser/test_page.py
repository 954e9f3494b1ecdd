from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import gettempdir

import httpx
import pytest
from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from serving.page.single.view import read_examples
from serving.registry.versions import Registry
from tests.browser.chromium import EVIL, ROOT, SHOTS, needs_chromium
from tests.conftest import ARTICLE
from tests.small_model import make_model

pytestmark = needs_chromium
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WORDS = (
    ":is(button, label, summary, h1, h3, th, .yw-head p, .yw-empty, .yw-note, .yc-empty):visible"
)
# What 校正 shows of its articles and of themes is in their own language.
NOT_OF_ARTICLES = """elements => elements
    .filter(element => !element.closest(".yc-queue, .yc-main, .yc-side"))
    .map(element => element.innerText)"""


@pytest.fixture
def page(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_selector("#article textarea")
    return page


def analyze(page: Page, text: str) -> None:
    page.fill("#article textarea", text)
    page.click("#run")


def wait_for_result(page: Page) -> None:
    page.wait_for_selector(".yw-lower")


def download(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.click(button)
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def test_from_a_paste_to_files(page: Page, requests: list[str], tmp_path: Path) -> None:
    assert "还没有文章" in page.inner_text("#result")
    analyze(page, f"{ARTICLE}\n{EVIL}县医院新添床位300张。")
    wait_for_result(page)
    assert "<script>" in page.inner_text(".yw-text")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "page.png", full_page=True)
    word = download(page, "#docx", tmp_path)
    assert word.name == "医闻-2024-05-16-云岭县小病在镇上看.docx"
    filed = Document(str(word))
    assert filed.paragraphs[0].text == "云岭县：小病在镇上看"
    assert "医共体" in filed.paragraphs[2].text
    assert "83名" in [cell.text for row in filed.tables[0].rows for cell in row.cells]
    book = load_workbook(download(page, "#xlsx", tmp_path))
    assert len(book.sheetnames) >= 2
    report = json.loads(download(page, "#json", tmp_path).read_text(encoding="utf-8"))
    assert report["themes"]
    assert page.evaluate("window.hacked") is None
    outside = [
        url for url in requests if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))
    ]
    assert outside == []


def test_evidence_and_figures_by_keyboard(page: Page) -> None:
    page.fill("#article textarea", ARTICLE)
    page.press("#article textarea", "Control+Enter")
    wait_for_result(page)
    page.press("[data-theme=alliance]", "Enter")
    page.wait_for_selector("[data-evidence~=alliance].yw-picked")
    assert page.is_visible("[data-of=alliance]")
    page.locator("[data-figure]").first.press("Enter")
    page.keyboard.press("ArrowDown")
    assert page.locator("[data-at].yw-picked").inner_text() == "83名"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#copy")
    page.wait_for_selector("#yw-copied.yw-shown")
    assert "数值\t单位" in page.evaluate("navigator.clipboard.readText()")


def test_the_article_at_hand_is_sent_to_be_corrected(page: Page) -> None:
    analyze(page, ARTICLE)
    wait_for_result(page)
    page.click("#to-correct")
    page.wait_for_selector("text=全文主题")
    assert page.get_by_text("云岭县：小病在镇上看").last.is_visible()


def test_a_file_with_several_articles(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "两篇.jsonl"
    second = ARTICLE.replace("云岭", "青禾")
    lines = [json.dumps({"text": text}, ensure_ascii=False) for text in (ARTICLE, second)]
    path.write_text("\n".join(lines), encoding="utf-8")
    page.set_input_files("#file input[type=file]", path)
    wait_for_result(page)
    assert "云岭县" in page.inner_text(".yw-text")
    page.click("#choice input")
    page.get_by_role("option").nth(1).click()
    page.wait_for_function("document.querySelector('.yw-text')?.innerText.includes('青禾县')")


def test_bad_input_gets_a_message_and_the_text_stays(page: Page) -> None:
    analyze(page, "医共体")
    page.wait_for_selector(".yw-error")
    assert "太短" in page.inner_text(".yw-error")
    assert page.input_value("#article textarea") == "医共体"
    page.click("#clear")
    page.wait_for_selector(".yw-empty")
    assert page.input_value("#article textarea") == ""


def test_messages_of_gradio_are_in_the_language_of_the_page(page: Page) -> None:
    page.evaluate(
        """document.body.insertAdjacentHTML("beforeend",
        "<div class='toast-body'><p>Connection errored out. </p><b>云岭 Error</b></div>")"""
    )
    expect(page.locator(".toast-body p")).to_contain_text("连不上医闻")
    expect(page.locator(".toast-body b")).to_have_text("云岭 Error")


def test_labels_are_checked_row_by_row_and_the_model_in_use_is_named(
    page: Page, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.jsonl"
    rows = [{"text": ARTICLE, "themes": ["托育"]}, {"text": ARTICLE, "themes": ["医共体"]}]
    labels.write_text("".join(json.dumps(row) + "\n" for row in rows))
    page.get_by_role("tab", name="训练").click()
    page.set_input_files("#train-files input[type=file]", labels)
    page.wait_for_selector("#train-files .file-preview")
    page.click("#train-start")
    page.wait_for_selector("#train-message .yw-error")
    said = page.inner_text("#train-message")
    assert "第 1 行：没有这个主题：托育" in said
    assert "至少要 10 篇" in said
    page.get_by_role("tab", name="模型").click()
    page.wait_for_selector("#models-list >> text=正在使用")
    page.click("#models-back")
    page.wait_for_selector("#models-message >> text=没有可退回的模型")


def test_a_version_that_came_later_is_there_when_the_tab_is_opened(
    page: Page, home: Path, tmp_path: Path
) -> None:
    folder = make_model(tmp_path / "new", {"alliance": "共"}, name="later")
    page.get_by_role("tab", name="模型").click()
    expect(page.locator("#models-list")).to_contain_text("正在使用")
    page.get_by_role("tab", name="单篇").click()
    name = Registry(home / "models").add(folder)
    page.get_by_role("tab", name="模型").click()
    expect(page.locator("#models-list")).to_contain_text(name)


def test_a_version_gets_a_name_and_a_note_which_are_shown_with_results(page: Page) -> None:
    page.get_by_role("tab", name="模型").click()
    expect(page.locator("#models-list")).to_contain_text("正在使用")
    expect(page.locator("#models-card .yw-card")).to_be_visible()
    page.fill("#models-title :is(input, textarea)", "五月版")
    page.fill("#models-note :is(input, textarea)", "加了县里的稿子")
    page.click("#models-label")
    expect(page.locator("#models-list")).to_contain_text("五月版")
    expect(page.locator("#models-list")).to_contain_text("加了县里的稿子")
    page.get_by_role("tab", name="单篇").click()
    analyze(page, ARTICLE)
    expect(page.locator(".yw-model")).to_contain_text("五月版（default）")


def test_english_by_a_switch_keeps_the_text(page: Page) -> None:
    page.get_by_text("公司新闻").click()
    page.wait_for_function("document.querySelector('#article textarea').value.length > 50")
    page.click("[data-language]")
    page.wait_for_selector("html[data-yiwen=en] #article textarea")
    page.wait_for_function("document.querySelector('#article textarea').value.length > 50")
    assert page.inner_text("#run") == "Analyse"
    page.click("#run")
    wait_for_result(page)
    assert "No theme reaches its threshold" in page.inner_text("#result")


def test_every_tab_is_in_english(page: Page, address: str) -> None:
    page.context.add_cookies([{"name": "yiwen_language", "value": "en", "url": address}])
    page.reload()
    kept = {"医闻 Yiwen", "中文", *read_examples()}
    for tab in ("Article", "Correct", "Batch", "Train", "Models"):
        page.get_by_role("tab", name=tab).click()
        shown = page.locator(WORDS).evaluate_all(NOT_OF_ARTICLES)
        assert tab in shown
        assert [text for text in shown if CHINESE.search(text) and text not in kept] == []


def test_no_place_on_the_machine_is_told(address: str) -> None:
    told = httpx.get(f"{address}/config").text + httpx.get(address).text
    assert str(ROOT) not in told
    assert gettempdir() not in told
    secret = f"{address}/gradio_api/file={ROOT / 'pyproject.toml'}"
    assert httpx.get(secret).status_code == 403
