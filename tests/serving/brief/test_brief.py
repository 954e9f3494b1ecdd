"""Briefs: one entry an event, everything at its place, edits kept, files checked."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import Engine
from typer.testing import CliRunner

from model import InputError
from serving.brief.changes import (
    RewordEntry,
)
from serving.brief.check import check_file
from serving.brief.entries import to_article
from serving.brief.making import SUFFIXES, article_finder, collect, new_brief, propose, write_file
from serving.brief.propose import entry_of
from serving.brief.store import (
    change_brief,
)
from serving.brief.word import chinese_number
from serving.cli.main import app
from serving.library.articles import keep_records
from tests.serving.brief.day import BARE, DAY, FIRST, PICKS, make_day, start
from tests.serving.library.reports import NAMES, make_report

ROOT = Path(__file__).parents[3]


def test_an_entry_an_event_by_theme_with_what_reports_give_differently(store: Engine) -> None:
    brief = start(store).brief
    assert brief.title == "卫生健康舆情日报（2024年5月16日）"
    assert [(entry.theme, len(entry.sources)) for entry in brief.entries] == [
        ("alliance", 2), ("talent", 1),
    ]  # fmt: skip
    told = brief.entries[0]
    assert [line.text for line in told.lines] == list(PICKS)
    assert [source.note for source in told.sources] == ["首发", "转自《云岭县医共体揭牌》"]
    assert [(d.one.text, d.other.text) for d in told.differing] == [("90.6%", "96.0%")]
    assert [row.text for row in told.rows] == ["82.3%", "90.6%"]
    every = propose(brief, collect(store, brief), 30, every=True)
    assert [entry.theme for entry in every.entries] == ["alliance", "talent", ""]
    assert len(propose(brief, collect(store, brief), 1, every=True).entries) == 1


def test_what_other_reports_add_is_quoted_and_can_be_edited(store: Engine, tmp_path: Path) -> None:
    extra = "村民还能在家门口做胃镜，价格由县里统一定。"
    told = make_report(
        FIRST.replace("院长说了很多话，", "") + extra, theme="alliance", picks=(PICKS[1], extra),
        source="健康报", date=DAY, title="云岭县医共体揭牌",
    )  # fmt: skip
    keep_records(store, [told])
    state = start(store)
    entry = state.brief.entries[0]
    assert [line.text for line in entry.more] == [extra]
    assert entry.more[0].places[0].article != entry.key
    for suffix in SUFFIXES:
        out = tmp_path / f"日报{suffix}"
        write_file(state.brief, NAMES, out)
        assert check_file(out, article_finder(store)).faults == ()
    assert f"另据其他报道：{extra}〔" in (tmp_path / "日报.txt").read_text(encoding="utf-8")
    state = change_brief(
        store, state.id, state.number, RewordEntry(entry.key, entry.title, entry.more), "王"
    )
    assert [line.text for line in state.brief.entries[0].lines] == [extra]
    assert state.brief.entries[0].more == ()


def test_a_week_takes_the_days_before(store: Engine) -> None:
    week = new_brief("weekly", "2024-05-07", 7, "周报")
    assert [article.day for article in collect(store, week)] == ["2024-05-01"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_quotation_of_a_file_is_found_at_its_place(
    store: Engine, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"日报{suffix}"
    write_file(start(store).brief, NAMES, out)
    checked = check_file(out, article_finder(store))
    assert checked.faults == ()
    assert checked.n_quotations >= 8
    assert checked.n_numbers >= 8
    assert checked.n_manual == 0


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_was_altered_in_a_file_is_found(store: Engine, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"日报{suffix}"
    write_file(start(store).brief, NAMES, out)
    alter(out, "16家乡镇卫生院", "17家乡镇卫生院")
    faults = check_file(out, article_finder(store)).faults
    assert len(faults) == 1
    assert "17家" in faults[0]
    alter(out, "17家乡镇卫生院", "16家乡镇卫生院")
    assert check_file(out, article_finder(store)).faults == ()
    alter(out, ">90.6%<" if suffix in (".docx", ".html") else "90.6%", ">99.9%<"
          if suffix in (".docx", ".html") else "99.9%")  # fmt: skip
    assert check_file(out, article_finder(store)).faults


def test_a_number_that_somebody_typed_into_word_is_found(store: Engine, tmp_path: Path) -> None:
    out = tmp_path / "日报.docx"
    write_file(start(store).brief, NAMES, out)
    document = Document(str(out))
    body = next(p for p in document.paragraphs if p.style.name == "医闻正文")
    body.add_run("另有12家待建。")
    document.save(str(out))
    assert check_file(out, article_finder(store)).faults == ("“12”没有出处：另有12家待建。",)


def alter(path: Path, old: str, new: str) -> None:
    if path.suffix != ".docx":
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        return
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    document = parts["word/document.xml"].decode()
    assert old in document
    parts["word/document.xml"] = document.replace(old, new).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_the_word_file_has_the_form_of_offices(store: Engine, tmp_path: Path) -> None:
    out = tmp_path / "日报.docx"
    write_file(start(store).brief, NAMES, out)
    document = Document(str(out))
    section = document.sections[0]
    margins = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    assert [round(m.mm) for m in margins] == [37, 28, 26, 35]
    xml = document.element.xml
    runs = re.findall(r"<w:r>.*?</w:r>", xml, re.S)
    assert runs
    assert all('w:eastAsia="' in run and 'w:hint="eastAsia"' in run for run in runs)
    assert "PAGEREF yws0e0" in xml
    assert 'w:name="yws0e0"' in xml
    names = re.findall(r'w:bookmarkStart w:id="\d+" w:name="([^"]+)"', xml)
    assert len(names) == len(set(names))
    assert max(map(len, names)) <= 40
    widths = re.findall(r'<w:gridCol w:w="(\d+)"', xml)
    assert len(set(widths)) > 1
    with zipfile.ZipFile(out) as archive:
        assert 'w:altName w:val="仿宋' in archive.read("word/fontTable.xml").decode()
        footers = [archive.read(n).decode() for n in archive.namelist() if "footer" in n]
    assert len(footers) == 2
    assert all(" PAGE " in footer for footer in footers)


def test_a_template_of_the_users_own(store: Engine, tmp_path: Path) -> None:
    template = Document()
    template.add_heading("{{ 标题 }}")
    template.add_paragraph("{%p for 栏 in 栏目 %}")
    template.add_paragraph("【{{ 栏.名称 }}】")
    template.add_paragraph("{%p for 条 in 栏.条目 %}")
    template.add_paragraph("{{r 条.标题 }}")
    template.add_paragraph("{{r 条.正文 }}{{ 条.来源 }}")
    template.add_paragraph("{%p endfor %}")
    template.add_paragraph("{%p endfor %}")
    template.save(str(tmp_path / "模板.docx"))
    out = tmp_path / "日报.docx"
    write_file(start(store).brief, NAMES, out, tmp_path / "模板.docx")
    texts = [p.text for p in Document(str(out)).paragraphs]
    assert "【医共体】" in texts
    assert any(text.startswith(PICKS[0]) for text in texts)
    assert check_file(out, article_finder(store)).n_quotations >= 5
    for written in ("{{ 标题.__class__.__mro__ }}", "{% 不懂 %}"):
        bad = Document()
        bad.add_paragraph(written)
        bad.save(str(tmp_path / "坏.docx"))
        with pytest.raises(InputError, match="读不懂"):
            write_file(start(store).brief, NAMES, out, tmp_path / "坏.docx")
    (tmp_path / "不是.docx").write_text("文字")
    with pytest.raises(InputError, match="不是 Word 模板"):
        write_file(start(store).brief, NAMES, out, tmp_path / "不是.docx")


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "home"))
    reports = tmp_path / "reports.jsonl"
    lines = (json.dumps(record, ensure_ascii=False) for record in make_day())
    reports.write_text("\n".join(lines), encoding="utf-8")
    run, out = CliRunner().invoke, str(tmp_path / "日报.docx")
    assert run(app, ["brief", str(reports), "--date", DAY, "-o", out]).exit_code == 0
    assert run(app, ["brief", "--check", out]).exit_code == 0
    alter(Path(out), "16家乡镇卫生院", "17家乡镇卫生院")
    checked = run(app, ["brief", "--check", out])
    assert checked.exit_code == 3
    assert "17家" in checked.stdout
    plain = str(tmp_path / "日报.txt")
    assert run(app, ["brief", "--id", "1", "-o", plain]).exit_code == 0
    assert "一、医共体" in Path(plain).read_text(encoding="utf-8")
    labels = tmp_path / "labels.jsonl"
    assert run(app, ["brief", "--labels", str(labels)]).exit_code == 0
    assert len(labels.read_text(encoding="utf-8").splitlines()) == 2


def test_headings_count_in_chinese() -> None:
    counted = [chinese_number(n) for n in (1, 10, 11, 20, 21, 99)]
    assert counted == ["一", "十", "十一", "二十", "二十一", "九十九"]


def test_a_title_that_the_text_lacks_is_checked_against_the_article(
    store: Engine, tmp_path: Path
) -> None:
    keep_records(store, [make_report(BARE + "又讯。", theme="talent", title="另起的题", date=DAY)])
    state = start(store)
    entry = next(e for e in state.brief.entries if e.title.text == "另起的题")
    out = tmp_path / "日报.docx"
    write_file(state.brief, NAMES, out)
    assert check_file(out, article_finder(store)).faults == ()
    changed = replace(entry, title=replace(entry.title, text="另外起的题"))
    write_file(state.brief.with_entries((changed,)), NAMES, out)
    assert "标题与原文不同" in check_file(out, article_finder(store)).faults[0]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("红网新闻8月18日讯（记者 龙琦 通讯员 刘源）株洲市医师节座谈会举行。",
         "株洲市医师节座谈会举行"),
        ("新华社北京8月17日电花样滑冰大奖赛将在重庆举办。", "花样滑冰大奖赛将在重庆举办"),
        ("央视网消息：微纳卫星在轨发射需求日益增多。", "微纳卫星在轨发射需求日益增多"),
        ("极目新闻记者 曹洋通讯员 吴萍一说起腹泻都想到肠胃。日前，一女子反复腹泻半年。",
         "日前，一女子反复腹泻半年"),
        ("记者日前从县医院获悉，新楼启用。", "记者日前从县医院获悉，新楼启用"),
        ("“这是最好的方案！”近日，县医院为患者做了手术。", "“这是最好的方案"),
        ("（记者 王菲）", "（记者 王菲）"),
    ],
)  # fmt: skip
def test_an_article_without_a_title_is_called_by_what_it_tells(text: str, title: str) -> None:
    article = to_article(make_report(text))
    assert article.title == title
    line = entry_of(article).title
    assert text[line.places[0].start : line.places[0].end] == title


def test_a_file_is_nobody_that_an_article_could_be_from(store: Engine) -> None:
    keep_records(
        store, [make_report(BARE + "另讯。", theme="talent", date=DAY, source="剪报/a.jsonl")]
    )
    sources = {source.source for source in start(store).brief.sources}
    assert sources == {"云岭网", "转载报", ""}
