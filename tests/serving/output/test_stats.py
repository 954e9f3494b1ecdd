from __future__ import annotations

import io
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from model import Analyzer, Article, InputError
from serving.output.report_tables import read_reports
from serving.output.stats import ReportFilter, _all_months, plot_themes, print_overview, take_stock
from serving.output.writers import open_writer
from tests.conftest import ARTICLE


def report(id: str, date: str | None, *themes: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": id, "source": "云岭日报", "date": date, "cluster": id,
        "themes": [{"theme": name, "name": name} for name in themes],
        "figures": [{"indicator": "床位"}, {"indicator": ""}],
    } | changes  # fmt: skip


REPORTS = [
    report("a", "2023-01-16", "人才", "医共体"),
    report("b", "2023-01-20", "人才", source="in/2023/b.txt"),
    report("c", "2023-02-01", cluster="a"),
    report("d", None),
    {"id": "e", "source": None, "error": "文字过长：共 200,001 字"},
    {"id": "f", "source": None, "error": "文字过长：共 300,000 字"},
]


def test_counts() -> None:
    overview = take_stock(REPORTS)
    assert (overview.n_tagged, overview.n_reposts, overview.n_failed) == (4, 1, 2)
    assert overview.themes == {"人才": 2, "无主题": 2, "医共体": 1}
    assert overview.months == {"2023-01": 2, "2023-02": 1, "未知": 1}
    assert overview.sources == {"云岭日报": 3, "in/2023": 1}
    assert overview.indicators == {"床位": 4}
    assert overview.errors == {"文字过长：共 … 字": 2}


def test_the_source_of_a_file_beside_the_command_is_named() -> None:
    assert take_stock([report("a", None, source="a.txt")]).sources == {"本文件夹": 1}


def test_what_is_printed_and_drawn(tmp_path: Path) -> None:
    path = tmp_path / "reports.jsonl"
    lines = [json.dumps(r, ensure_ascii=False) for r in REPORTS]
    path.write_text("\n".join(lines), encoding="utf-8")
    overview = take_stock(read_reports(path))
    shown = io.StringIO()
    print_overview(overview, Console(file=shown, width=80))
    text = shown.getvalue()
    assert "共标注 4 篇（转载 1 篇），出错 2 篇" in text
    assert "2023-02" in text
    for name, mark in {"a.png": b"\x89PNG", "a.svg": b"<?xml"}.items():
        try:
            plot_themes(overview, tmp_path / name)
        except InputError as error:
            pytest.skip(str(error))
        assert (tmp_path / name).read_bytes().startswith(mark)


def test_a_plot_without_a_chinese_font_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.chinese_fonts._FONTS", ("no such font",))
    with pytest.raises(InputError, match="没有中文字体"):
        plot_themes(take_stock(REPORTS), tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()


def test_what_cannot_be_counted_or_drawn_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "a"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="第 1 行不是报告"):
        take_stock(read_reports(path))
    with pytest.raises(InputError, match="都没有日期"):
        plot_themes(take_stock([report("a", None)]), tmp_path / "a.png")


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "xlsx", "parquet"])
def test_what_was_written_is_counted_in_every_format(
    analyzer: Analyzer, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"reports.{suffix}"
    full = analyzer.analyze(Article.from_raw(ARTICLE, id="a", source="云岭日报")).to_dict()
    place = {"code": "1", "name": "云岭县", "level": "county", "path": ["云岭县"]}
    records = [full | {"place": place}, {"id": "b", "source": None, "error": "读不了"}]
    with closing(open_writer(suffix, path, analyzer.manifest.theme_names)) as writer:
        for record in records:
            writer.write(record)
    overview = take_stock(read_reports(path))
    assert (overview.n_tagged, overview.n_failed, overview.n_reposts) == (1, 1, 0)
    assert overview.themes["医共体"] == 1
    assert overview.months == {"2024-05": 1}
    assert overview.sources == {"云岭日报": 1}
    assert bool(overview.indicators) == (suffix != "csv")
    here = [r for r in read_reports(path) if ReportFilter(place="云岭县").takes(r)]
    assert [r["id"] for r in here] == ["a"]


def test_reports_are_counted_by_theme_and_since_a_month() -> None:
    def counted(**wanted: str) -> list[str]:
        return [r["id"] for r in REPORTS if ReportFilter(**wanted).takes(r)]

    assert counted(theme="人才") == ["a", "b"]
    assert counted(theme="无主题") == ["c", "d"]
    assert counted(since="2023-01-20") == ["b", "c"]
    assert counted(since="2023-02") == ["c"]
    assert len(counted()) == len(REPORTS)


def test_another_file_is_no_file_of_reports(tmp_path: Path) -> None:
    for name in ("a.csv", "a.xlsx", "a.parquet"):
        (tmp_path / name).write_text("甲,乙\n1,2\n", encoding="utf-8")
        with pytest.raises(InputError, match="不是 yiwen tag 写出的文件"):
            take_stock(read_reports(tmp_path / name))


def test_time_runs_evenly_along_the_axis() -> None:
    assert _all_months("2023-11", "2024-02") == ["2023-11", "2023-12", "2024-01", "2024-02"]
