"""The example scripts run as their first lines say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(script: str, *arguments: str) -> str:
    command = [sys.executable, str(ROOT / "examples" / script), *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        check=True, capture_output=True, encoding="utf-8",
    ).stdout  # fmt: skip


def test_one_article_is_read() -> None:
    shown = run("read_article.py")
    assert "主题： 医共体" in shown
    assert "90.6%\t县域内就诊率" in shown


def test_a_folder_is_tagged_and_a_bad_file_is_named(tmp_path: Path) -> None:
    text = (
        "云岭县人民医院与16家乡镇卫生院组成紧密型医共体，总院向乡镇派驻医师83名，双向转诊3260人次。"
    )
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    (tmp_path / "b.txt").write_text("", encoding="utf-8")
    first, second = run("tag_folder.py", str(tmp_path)).splitlines()
    assert first == "a.txt\t医共体"
    assert second.startswith("b.txt\t读不了：")


def test_figures_become_a_table(tmp_path: Path) -> None:
    reports, table = tmp_path / "r.jsonl", tmp_path / "t.csv"
    reports.write_text(
        '{"id": "a", "figures": [{"indicator": "床位", "body": "县医院", "value": 500,'
        ' "unit": "张", "kind": "level", "bound": "", "year": 2023, "sentence": "床位500张。"}]}\n'
        '{"id": "b", "error": "太短"}\n',
        encoding="utf-8",
    )
    run("figures_to_csv.py", str(reports), str(table))
    rows = table.read_text(encoding="utf-8-sig").splitlines()
    assert rows[1] == "a,床位,县医院,500,张,level,,2023,床位500张。"
    assert len(rows) == 2
