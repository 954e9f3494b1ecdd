from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from model import InputError
from serving.output.stats import plot_themes, print_overview, read_reports, take_stock


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
    monkeypatch.setattr("serving.output.stats._FONTS", ("no such font",))
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
