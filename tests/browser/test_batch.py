"""批量 in Chromium: a job through a refresh and a restart of the page, cancelled, taken away."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page

from tests.browser.chromium import SHOTS, free_port, serve, slow_in_chromium
from tests.conftest import ARTICLE

EVIL = "<img src=x onerror='window.hacked=1'>"

pytestmark = slow_in_chromium


def open_tab(page: Page, port: int) -> None:
    page.goto(f"http://127.0.0.1:{port}")
    page.get_by_role("tab", name="批量").click()
    page.wait_for_selector("#batch-drop")


def start_job(page: Page, *files: Path) -> None:
    page.set_input_files("#batch-drop input[type=file]", list(files))
    page.wait_for_selector("#batch-drop .file-preview")
    page.click("#batch-start")


def state(page: Page, number: int, name: str) -> None:
    """Wait until the job of this number, the newest first, is in a state."""
    page.wait_for_selector(f".yw-job:nth-child({number})[data-state={name}]")


def test_a_batch_job_from_upload_to_workbook(
    page: Page, requests: list[str], tmp_path: Path
) -> None:
    rows = [{"id": f"n{i}", "text": f"{ARTICLE}第{i}天。"} for i in range(2_000)]
    rows[0] |= {"title": "=HYPERLINK(1)", "text": f"{ARTICLE}{EVIL}"}
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "长.jsonl").write_text(lines, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "简报.zip", "w") as archive:
        archive.writestr("空.txt", "")
        archive.writestr("首.jsonl", lines[: lines.index("\n") + 1])
    home, port = tmp_path / "home", free_port()

    with serve(home, port):
        open_tab(page, port)
        page.wait_for_selector("#batch-jobs .yw-empty")
        page.click("#batch-start")
        page.wait_for_selector("#batch-message .yw-error")
        start_job(page, tmp_path / "长.jsonl")
        state(page, 1, "running")
        start_job(page, tmp_path / "简报.zip")
        state(page, 1, "queued")
        open_tab(page, port)
        state(page, 2, "running")

    with serve(home, port):
        open_tab(page, port)
        state(page, 2, "running")
        page.locator(".yw-job").nth(1).get_by_text("取消").click()
        state(page, 2, "cancelled")
        state(page, 1, "done")
        page.wait_for_selector("#batch-table .yw-results")
        page.get_by_role("button", name="=HYPERLINK").click()
        assert "83名" in page.inner_text(".yw-detail")
        assert "出错 1 篇" in page.inner_text("#batch-counts")
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / "batch.png", full_page=True)
        with page.expect_download() as download:
            page.click("#batch-xlsx")
        download.value.save_as(tmp_path / "out.xlsx")
        page.fill("#batch-words input, #batch-words textarea", "空.txt")
        page.wait_for_function("document.querySelectorAll('#batch-table tbody tr').length == 1")
        page.locator(".yw-job").nth(1).get_by_text("删除").click()
        page.locator("#batch-confirm button").first.click()
        page.wait_for_function("document.querySelectorAll('.yw-job').length == 1")
        assert page.evaluate("window.hacked") is None

    sheet = load_workbook(tmp_path / "out.xlsx")["文章"]
    titles = [row[1].value for row in sheet.iter_rows(min_row=2)]
    assert "=HYPERLINK(1)" in titles  # typed as text, so that no ' need stand before it
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    outside = [url for url in requests if not re.match(r"http://127\.0\.0\.1:|data:|blob:", url)]
    assert outside == []
