from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from model import Analyzer, Article
from serving.page import figures_csv, read_examples, save_files, show_error, show_report
from tests.conftest import ARTICLE

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def show(analyzer: Analyzer, text: str) -> str:
    names = {theme.key: theme.name for theme in analyzer.manifest.themes}
    return show_report(analyzer.analyze(Article.from_raw(text)), names)


def test_markup_in_an_article_is_shown_as_text(analyzer: Analyzer) -> None:
    html = show(analyzer, f"{ARTICLE}\n{EVIL}县医院新添床位300张。")
    assert "<script>" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
    assert "<script>" not in show_error(EVIL)


def test_everything_a_reader_wants_is_on_the_page(analyzer: Analyzer) -> None:
    html = show(analyzer, ARTICLE)
    for part in ("主题", "摘要", "关键数字", "正文", "医共体", "83名", "yw-mark", "yw-figure"):
        assert part in html


def test_an_article_without_themes_says_so(analyzer: Analyzer) -> None:
    assert "没有达到标准的主题" in show(analyzer, read_examples()["公司新闻"])


def test_files_to_download(analyzer: Analyzer, tmp_path: Path) -> None:
    report = analyzer.analyze(Article.from_raw(ARTICLE, id="page"))
    as_json, as_csv = map(Path, save_files(report, tmp_path))
    assert json.loads(as_json.read_text(encoding="utf-8")) == report.to_dict()
    assert as_csv.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(figures_csv(report))))
    assert [r["原文"] for r in rows] == [f.text for f in report.figures]
    assert rows[0]["数值"] == "16"
