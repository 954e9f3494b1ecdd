from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from model import Analyzer, Article
from serving.registry.versions import Registry
from tests.browser.chromium import EVIL, SHOTS, WAIT_MS, needs_chromium
from tests.conftest import ARTICLE
from tests.small_model import make_model

pytestmark = needs_chromium


@pytest.fixture
def page(page: Page, address: str) -> Page:
    page.goto(address)
    show_tab(page)
    return page


def show_tab(page: Page) -> None:
    page.get_by_role("tab", name="校正").click()
    page.wait_for_selector(".yc-main")


def add(page: Page, text: str = "", file: Path | None = None) -> None:
    if not page.locator("#correct-run").is_visible():
        page.locator("#correct-add button").first.click()
    if file is not None:
        page.set_input_files("#correct-files input[type=file]", file)
        page.wait_for_selector("#correct-files :text('labels')")
    page.fill("#correct-text textarea", text)
    page.click("#correct-run")
    page.wait_for_selector("#correct-note .yw-warning")
    page.wait_for_selector(".yc-list")


def answer(page: Page, place: str, theme: str) -> str | None:
    chips = page.locator(f"{place} [data-theme={theme}]")
    return chips.first.get_attribute("data-answer") if chips.count() else None


def expect_answer(page: Page, place: str, theme: str, wanted: str) -> None:
    expect(page.locator(f"{place} [data-theme={theme}]").first).to_have_attribute(
        "data-answer", wanted
    )


def export(page: Page, format: str, folder: Path) -> str:
    with page.expect_download() as started:
        page.click(f".yc-export [data-format={format}]")
    started.value.save_as(folder / "labels")
    return (folder / "labels").read_text(encoding="utf-8")


def test_correct_reload_undo_accept_export(page: Page, requests: list[str], tmp_path: Path) -> None:
    assert "加入文章" in page.inner_text(".yc-empty")
    add(page, f"{ARTICLE}\n{EVIL}县医院新添床位300张。")
    assert "<script>" in page.inner_text(".yc-list")
    assert page.evaluate("window.hacked") is None
    page.keyboard.press("j")
    here = page.locator(".yc-here").get_attribute("data-n")
    page.keyboard.press("3")
    expect_answer(page, ".yc-here", "smart", "yes")
    expect_answer(page, ".yc-whole", "smart", "yes")
    page.keyboard.press("Shift+1")
    expect_answer(page, ".yc-whole", "prevention", "yes")
    page.keyboard.press("Shift+1")
    expect_answer(page, ".yc-whole", "prevention", "edge")
    expect(page.locator(".yc-status")).to_contain_text("已保存")
    page.reload()
    show_tab(page)
    page.wait_for_selector(".yc-list")
    expect_answer(page, f"[data-n='{here}']", "smart", "yes")
    expect_answer(page, ".yc-whole", "prevention", "edge")
    page.keyboard.press("z")
    expect_answer(page, ".yc-whole", "prevention", "yes")
    page.keyboard.press("z")
    expect_answer(page, ".yc-whole", "prevention", "no")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "correct.png")
    page.keyboard.press("Enter")
    page.wait_for_selector(".yc-empty")
    assert "都看完了" in page.inner_text(".yc-empty")
    page.click(".yc-export summary")
    expect(page.locator(".yc-counts")).to_contain_text("已确认 1 篇")
    row = json.loads(export(page, "jsonl", tmp_path))
    assert "smart" in row["themes"]
    assert row["borderline"] == []
    assert "83名" in {figure["text"] for figure in row["figures"]}
    assert json.loads(export(page, "doccano", tmp_path))["text"] == row["text"]
    assert len(json.loads(export(page, "labelstudio", tmp_path))) == 1
    outside = [
        url for url in requests if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))
    ]
    assert outside == []


def test_figures_by_typing_by_selecting_and_in_the_form(page: Page) -> None:
    text = "岭北市中心医院上月接诊门诊患者5200人次，比前年多了两成。"
    add(page, f"{text}\n周大爷住在老屋里，说来得很方便。")
    page.fill(".yc-typed", "5200人次")
    page.press(".yc-typed", "Enter")
    form = page.locator(".yc-form", has_text="5200人次")
    expect(form).to_be_visible()
    form.locator("[name=value]").fill("很多")
    form.locator("[name=value]").press("Tab")
    expect(page.locator(".yc-status")).to_contain_text("读不懂")
    form.locator("[name=value]").fill("0.6万")
    form.locator("[name=year]").fill("2023")
    form.locator("[name=year]").press("Tab")
    expect(page.locator(".yc-row", has_text="5200人次")).to_contain_text("2023")
    page.fill(".yc-typed", "没有的数")
    page.press(".yc-typed", "Enter")
    expect(page.locator(".yc-status")).to_contain_text("正文里没有")
    page.keyboard.press("Escape")
    page.locator(".yc-body", has_text="老屋").evaluate(
        """body => { const node = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
            while (node.nextNode() && !node.currentNode.data.includes("老屋"));
            const at = node.currentNode.data.indexOf("老屋");
            getSelection().setBaseAndExtent(node.currentNode, at, node.currentNode, at + 2); }"""
    )
    page.keyboard.press("f")
    draft = page.locator(".yc-form[data-draft]", has_text="老屋")
    draft.locator("[name=value]").fill("1")
    draft.locator("[name=value]").press("Tab")
    row = page.locator(".yc-row", has_text="老屋")
    expect(row).to_be_visible()
    page.locator(".yc-form", has_text="老屋").locator(".yc-drop").click()
    expect(row).to_have_count(0)


def test_of_two_people_the_later_is_told(page: Page, browser: Browser, address: str) -> None:
    add(page, "岭南县把两家乡镇卫生院交给县医院托管，县里派去医师12名。\n村里的路也修好了。")
    other = browser.new_page()
    other.set_default_timeout(WAIT_MS)
    other.goto(address)
    show_tab(other)
    other.locator(".yc-item", has_text="岭南县").click()
    expect(other.locator(".yc-head")).to_contain_text("岭南县")
    page.locator(".yc-item", has_text="岭南县").click()
    expect(page.locator(".yc-head")).to_contain_text("岭南县")
    before = answer(page, ".yc-whole", "smart")
    page.keyboard.press("Shift+3")
    expect(page.locator(".yc-status")).to_contain_text("已保存")
    other.keyboard.press("Shift+3")
    expect(other.locator(".yc-status")).to_contain_text("同一处")
    assert answer(other, ".yc-whole", "smart") == answer(page, ".yc-whole", "smart") != before
    other.keyboard.press("Shift+4")
    expect(other.locator(".yc-status")).to_contain_text("已保存")
    page.keyboard.press("s")
    expect(page.locator(".yc-status")).to_contain_text("两边的改动都已保存")
    other.close()


def test_an_article_is_taken_out_and_put_back(page: Page) -> None:
    for place in ("岭东县", "岭西县"):
        add(page, f"{place}把两家乡镇卫生院交给县医院托管，县里派去医师12名。\n村里的路也修好了。")
        page.locator(".yc-item", has_text=place).click()
        expect(page.locator(".yc-head")).to_contain_text(place)
    leave, mine = page.locator(".yc-leave"), page.locator(".yc-item", has_text="岭西县")
    expect(leave).to_have_text("移出")
    page.screenshot(path=SHOTS / "correct_leave.png")
    leave.click()
    expect(mine).to_have_count(0)
    expect(page.locator(".yc-head")).not_to_contain_text("岭西县")
    expect(page.locator(".yc-status")).to_contain_text("再按 X 可放回")
    page.keyboard.press("p")
    expect(page.locator(".yc-head")).to_contain_text("岭西县")
    expect(leave).to_have_text("放回")
    page.keyboard.press("x")
    expect(leave).to_have_text("移出")
    expect(mine).to_have_count(1)


def test_reports_fill_the_queue(page: Page, analyzer: Analyzer, tmp_path: Path) -> None:
    texts = [f"青石县医院今年招聘医师{n}名，其中硕士{n - 2}名。" for n in (12, 15)]
    reports = [analyzer.analyze(Article.from_raw(text, id="a")).to_dict() for text in texts]
    lines = [json.dumps(report, ensure_ascii=False) for report in reports]
    file = tmp_path / "labels.jsonl"
    file.write_text("\n".join([*lines, '{"id": "b", "text": 3}']), encoding="utf-8")
    add(page, file=file)
    note = page.inner_text("#correct-note")
    assert "加入了 2 篇" in note
    assert "第 3 行" in note
    expect(page.locator(".yc-item", has_text="青石县")).to_have_count(2)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_theme_of_ones_own_is_labelled_at_once_and_counted(page: Page) -> None:
    add(page, "岭川县中医院在镇上开了中医馆，针灸师每周坐诊三天。\n村里的路也修好了。")
    page.locator(".yc-item", has_text="岭川县").click()
    expect(page.locator(".yc-head")).to_contain_text("岭川县")
    page.locator("#correct-theme button").first.click()
    page.click("#theme-add")
    expect(page.locator("#theme-note .yw-error")).to_contain_text("请写上主题的名称")
    page.fill("#theme-name :is(input, textarea)", "中医药")
    page.fill("#theme-description :is(input, textarea)", "中医馆、中医科、师承")
    page.click("#theme-add")
    expect(page.locator("#theme-note")).to_contain_text("已加上“中医药”")
    chip = page.locator(".yc-whole .yc-chip", has_text="中医药")
    expect(chip).to_have_attribute("data-answer", "no")
    expect(page.locator(".yc-own")).to_contain_text("中医药 0/0")
    chip.click()
    expect(chip).to_have_attribute("data-answer", "yes")
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / "new_theme.png")
    page.locator(".yc-go").click()
    expect(page.locator(".yc-status")).to_contain_text("已确认")
    add(page, "岭海县卫生院新开了夜间门诊，医师轮流值班。\n村里的路也修好了。")
    expect(page.locator(".yc-own")).to_contain_text("中医药 1/1")
    page.get_by_role("tab", name="训练").click()
    expect(page.locator("#train-ready")).to_contain_text("中医药 1/1，至少要 5 篇")


def test_a_theme_of_a_model_that_is_promoted_gets_its_chip(
    page: Page, home: Path, tmp_path: Path
) -> None:
    add(page, "岭湾县开了三家托育中心，两家在镇上。\n村里的路也修好了。")
    expect(page.locator(".yc-whole [data-theme=smart]")).to_have_count(1)
    folder = make_model(tmp_path / "new", {"nursery": "托"}, names={"nursery": "托育"})
    registry = Registry(home / "models")
    registry.promote(registry.add(folder))
    chip = page.locator(".yc-whole [data-theme=nursery]")
    for _ in range(100):  # the model is loaded while the page goes on with the one it had
        page.locator(".yc-item", has_text="岭湾县").click()
        page.wait_for_timeout(300)
        if chip.count():
            break
    expect(chip).to_contain_text("托育")
    expect(page.locator("[data-theme=smart]")).to_have_count(0)
    page.keyboard.press("1")
    expect_answer(page, ".yc-here", "nursery", "yes")
    expect_answer(page, ".yc-whole", "nursery", "yes")
