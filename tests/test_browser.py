from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.conftest import ARTICLE

CHROMIUM = shutil.which("chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ROOT = Path(__file__).parents[1]
SHOTS = ROOT / "build" / "screenshots"
START_S = 90
EVIL = "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="没有 chromium：apt-get install chromium"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [
        sys.executable,
        "-c",
        "from serving.cli import main; main()",
        "app",
        "--port",
        str(port),
    ]
    home = str(tmp_path_factory.mktemp("home"))
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "YIWEN_HOME": home}) as process:
        try:
            wait_for(url, process)
            yield url
        finally:
            process.terminate()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the page answers; it is a process of its own, as it is for a user."""
    end = monotonic() + START_S
    while monotonic() < end and process.poll() is None:
        try:
            urlopen(url, timeout=1).close()
            return
        except OSError:
            sleep(0.2)
    pytest.fail(f"the page did not start: {process.poll()}")


@pytest.fixture
def requests() -> list[str]:
    return []


@pytest.fixture
def page(address: str, requests: list[str]) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tab = browser.new_page(viewport={"width": 1366, "height": 768})
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(address)
        tab.wait_for_selector("#article textarea")
        yield tab
        browser.close()


def analyze(page: Page, text: str) -> None:
    page.fill("#article textarea", text)
    page.click("#run")


def test_paste_read_and_download(page: Page, requests: list[str], tmp_path: Path) -> None:
    assert "还没有文章" in page.inner_text("#result")
    analyze(page, ARTICLE)
    page.wait_for_selector(".yw-report")
    text = page.inner_text("#result")
    assert "医共体" in text
    assert "83名" in text
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "page.png", full_page=True)
    for button, suffix in (("#json", ".json"), ("#csv", ".csv")):
        with page.expect_download() as download:
            page.click(button)
        assert download.value.suggested_filename.endswith(suffix)
        download.value.save_as(tmp_path / f"report{suffix}")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["themes"]
    outside = [
        url for url in requests if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))
    ]
    assert outside == []


def test_bad_input_gets_a_message_and_the_text_stays(page: Page) -> None:
    analyze(page, "医共体")
    page.wait_for_selector(".yw-error")
    assert "太短" in page.inner_text(".yw-error")
    assert page.input_value("#article textarea") == "医共体"


def test_markup_in_an_article_runs_nothing(page: Page) -> None:
    analyze(page, f"{ARTICLE}\n{EVIL}县医院新添床位300张。")
    page.wait_for_selector(".yw-report")
    assert "<script>" in page.inner_text(".yw-text")
    assert page.evaluate("window.hacked") is None


def test_examples_and_clear(page: Page) -> None:
    page.get_by_text("公司新闻").click()
    page.wait_for_function("document.querySelector('#article textarea').value.length > 50")
    page.click("#run")
    page.wait_for_selector(".yw-report")
    assert "没有达到标准的主题" in page.inner_text("#result")
    page.click("#clear")
    page.wait_for_selector(".yw-empty")
    assert page.input_value("#article textarea") == ""


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
