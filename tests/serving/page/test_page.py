from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from data.readers import SUFFIXES
from model import Analyzer, Article, InputError, Report, Span
from model.report import Figure, Point
from serving.output.clipboard import copy_all, copy_figures
from serving.output.filing import file_report
from serving.page.notices import show_error
from serving.page.phrases import both, read_phrases
from serving.page.single.actions import _describe
from serving.page.single.view import read_examples, show_body, show_copy, show_head
from serving.page.uploads import MAX_ARTICLES, read_upload
from tests.conftest import ARTICLE

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"
FURNITURE = "分享到：微信 微博\n责任编辑：王某某"


@pytest.fixture(scope="module")
def report(analyzer: Analyzer) -> Report:
    return analyzer.analyze(Article.from_raw(ARTICLE, id="page"))


@pytest.fixture(scope="module")
def names(analyzer: Analyzer) -> dict[str, str]:
    return analyzer.manifest.theme_names


def test_markup_in_an_article_is_shown_as_text(analyzer: Analyzer, names: dict[str, str]) -> None:
    raw = f"{ARTICLE}\n{EVIL}县医院新添床位300张。"
    report = analyzer.analyze(Article.from_raw(raw, title=EVIL, source=EVIL))
    html = show_head(report, names) + show_body(report) + show_error(EVIL)
    html += both("single.unread", n=1, reason=EVIL) + show_copy(copy_all(report, names))
    assert "<script>" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in show_body(report)


def test_everything_a_reader_wants_is_on_the_page(report: Report, names: dict[str, str]) -> None:
    html = show_head(report, names) + show_body(report)
    for part in ("主题", "摘要", "关键数字", "正文", "医共体", "83名", "data-theme='alliance'"):
        assert part in html
    for figure in report.figures:
        assert f"data-figure='{figure.span.start}'" in html
        assert f"data-at='{figure.span.start}'" in html
    assert "data-evidence='alliance" in html
    assert "Key figures" in html


def test_main_points_are_on_the_page_in_word_and_in_excel(
    report: Report, names: dict[str, str], tmp_path: Path
) -> None:
    points = [point.text for point in report.summary.points]
    assert len(points) > 1
    html = show_head(report, names)
    word = Document(io.BytesIO(file_report(report, names, "docx").content))
    paragraphs = [p.text for p in word.paragraphs]
    path = tmp_path / "report.xlsx"
    path.write_bytes(file_report(report, names, "xlsx").content)
    head, row = load_workbook(path)["文章"].iter_rows(values_only=True)
    cell = dict(zip(head, row, strict=True))["要点"]
    for number, point in enumerate(points, 1):
        assert f">{point}</li>" in html or f" {point}</li>" in html
        assert point in paragraphs
        assert f"{number}. {point}" in str(cell).splitlines()


def test_points_stand_under_their_headings_each_named_once(
    report: Report, names: dict[str, str]
) -> None:
    heads = ("一、做法", "一、做法", None, "二、成效")
    points = tuple(Point(f"第{i}点", Span(0, 3), None, head) for i, head in enumerate(heads))
    html = show_head(replace(report, summary=replace(report.summary, points=points)), names)
    found = re.findall(r"<li>(.*?)</li>", html)
    assert found == ["<b>一、做法</b> 第0点", "第1点", "第2点", "<b>二、成效</b> 第3点"]


def test_one_point_alone_is_not_shown(report: Report, names: dict[str, str]) -> None:
    one = replace(report, summary=replace(report.summary, points=report.summary.points[:1]))
    assert "yw-points" not in show_head(one, names)
    word = Document(io.BytesIO(file_report(one, names, "docx").content))
    assert "要点" not in [p.text for p in word.paragraphs]


def test_what_cleaning_removed_is_struck_through(analyzer: Analyzer) -> None:
    html = show_body(analyzer.analyze(Article.from_raw(f"{ARTICLE}\n{FURNITURE}")))
    assert "王某某</del>" in html


def test_what_the_summary_cut_is_struck_through(analyzer: Analyzer, names: dict[str, str]) -> None:
    text = "据悉，云岭县医共体向乡镇派驻医师83名，县域内就诊率达到90.6%。"
    report = analyzer.analyze(Article.from_raw(text + ARTICLE))
    cuts = [cut for excerpt in report.summary.sentences for cut in excerpt.cuts]
    assert cuts
    html = show_head(report, names)
    assert all(f"{cut.span.of(report.article.text)}</del>" in html for cut in cuts)


def test_another_length_needs_no_second_reading(analyzer: Analyzer, report: Report) -> None:
    encoded = analyzer.encode(report.article)
    short = analyzer.analyze(report.article, summary_chars=60, encoded=encoded)
    assert short == analyzer.analyze(report.article, summary_chars=60)
    assert len(short.summary.text) <= 60


@pytest.mark.parametrize("theme", ["医共体", "医防融合", "智慧医疗", "人才"])
def test_an_example_for_every_theme(analyzer: Analyzer, theme: str) -> None:
    report = analyzer.analyze(Article.from_raw(read_examples()[theme]))
    assert theme in {found.name for found in report.themes}
    assert report.article.title
    assert report.article.date or theme == "智慧医疗"
    assert len(report.figures) >= 5


def test_an_article_without_themes_says_so(analyzer: Analyzer, names: dict[str, str]) -> None:
    report = analyzer.analyze(Article.from_raw(read_examples()["公司新闻"]))
    assert "没有达到标准的主题" in show_head(report, names)


def test_word_page(report: Report, names: dict[str, str]) -> None:
    filed = file_report(report, names, "docx")
    assert filed.name == "医闻-2024-05-16-云岭县小病在镇上看.docx"
    page = Document(io.BytesIO(filed.content))
    paragraphs = [p.text for p in page.paragraphs]
    assert paragraphs[:2] == ["云岭县：小病在镇上看", "日期：2024-05-16"]
    assert report.summary.text in paragraphs
    evidence = report.themes[0].evidence[0].of(report.article.text)
    assert evidence in paragraphs
    (table,) = page.tables
    assert len(table.rows) == len(report.figures) + 1
    assert "16家" in [cell.text for cell in table.rows[1].cells]


def test_word_page_holds_what_xml_cannot(report: Report, names: dict[str, str]) -> None:
    odd = replace(report, article=replace(report.article, title="题\x01\x0b目"))
    page = Document(io.BytesIO(file_report(odd, names, "docx").content))
    assert page.paragraphs[0].text == "题目"


def test_json_file(report: Report, names: dict[str, str]) -> None:
    assert json.loads(file_report(report, names, "json").content) == report.to_dict()


@pytest.fixture
def formula(report: Report) -> Report:
    risky: Figure = replace(report.figures[0], indicator="=1+1", body="+2", base="@x\ty")
    return replace(report, figures=(risky, *report.figures[1:]))


def test_a_formula_is_inert_in_excel(formula: Report, names: dict[str, str]) -> None:
    book = load_workbook(io.BytesIO(file_report(formula, names, "xlsx").content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert ("=1+1", "s") in [(cell.value, cell.data_type) for cell in cells]
    assert {cell.data_type for cell in cells}.isdisjoint({"f"})


def test_a_formula_is_inert_on_the_clipboard(formula: Report) -> None:
    copied = copy_figures(formula)
    first = copied.text.splitlines()[1].split("\t")
    assert first[:2] == ["'=1+1", "'+2"]
    assert len({line.count("\t") for line in copied.text.splitlines()}) == 1
    assert "<td>&#39;=1+1</td>" in show_copy(copied)


def test_a_file_with_one_article(tmp_path: Path) -> None:
    path = tmp_path / "云岭.txt"
    path.write_text(ARTICLE, encoding="gb18030")
    upload = read_upload(path)
    (article,) = upload.articles
    assert article.title == "云岭县：小病在镇上看"
    assert article.source == "云岭.txt"
    assert not upload.is_cut


def test_a_file_with_many_articles(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    line = json.dumps({"id": 1, "text": ARTICLE}, ensure_ascii=False)
    path.write_text("{}\n" + f"{line}\n" * (MAX_ARTICLES + 5), encoding="utf-8")
    upload = read_upload(path)
    assert len(upload.articles) == MAX_ARTICLES
    assert upload.is_cut
    assert len(upload.problems) == 1
    assert str(tmp_path) not in repr([article.source for article in upload.articles])


def test_a_file_is_cut_only_where_an_article_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    line = json.dumps({"id": 1, "text": ARTICLE}, ensure_ascii=False)
    path.write_text(f"{line}\n" * MAX_ARTICLES + "{}\n", encoding="utf-8")
    upload = read_upload(path)
    assert (len(upload.articles), len(upload.problems)) == (MAX_ARTICLES, 1)
    assert not upload.is_cut


def test_a_file_of_bad_rows_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.page.uploads.MAX_PROBLEMS", 3)
    path = tmp_path / "bad.jsonl"
    line = json.dumps({"id": 1, "text": ARTICLE}, ensure_ascii=False)
    path.write_text(f"{line}\n" + "{}\n" * 9 + f"{line}\n", encoding="utf-8")
    upload = read_upload(path)
    assert (len(upload.articles), len(upload.problems)) == (1, 3)
    assert upload.is_cut
    assert "只列出前 1 篇" in _describe(upload)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    path = tmp_path / "broken.docx"
    path.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(InputError) as caught:
        read_upload(path)
    assert "--retry" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    assert ".docx" in SUFFIXES


def test_a_file_that_takes_too_long_is_said_without_advice_for_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.page.uploads.LIMIT_S", 0.001)
    path = tmp_path / "long.jsonl"
    path.write_text(json.dumps({"id": 1, "text": ARTICLE * 50}) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^读取超过 0\.001 秒$"):
        read_upload(path)


def test_every_phrase_has_both_languages_and_the_same_places() -> None:
    for key, texts in read_phrases().items():
        assert all(texts.values()), key
        places = {language: text.count("{") for language, text in texts.items()}
        assert len(set(places.values())) == 1, key


def test_a_file_of_another_kind_is_told_how_to_be_read(tmp_path: Path) -> None:
    for name in ("旧.odt", "旧.dot", "旧.pages"):
        (tmp_path / name).write_bytes(b"x")
        with pytest.raises(InputError, match=r"另存为 \.docx"):
            read_upload(tmp_path / name)
