from __future__ import annotations

import json
from pathlib import Path

from eval.studies.figures_rivals import (
    compare_rivals,
    is_right,
    measure_speed,
    read_cases,
    read_ours,
    read_rivals,
)

LINES = "# 说明\n床位300张，投入2亿元。 => 300 张 - ; 200000000 元 -\n他今年63岁。 => -\n"


def test_a_case_is_got_with_all_its_figures_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "cases.txt"
    path.write_text(LINES, encoding="utf-8")
    both, none = read_cases(path)
    assert is_right(both, read_ours(both.text))
    assert is_right(none, read_ours(none.text))
    assert not is_right(both, [((300.0,), "张")])
    assert not is_right(none, [((63.0,), "岁")])
    assert is_right(both, [((300.0,), ""), ((2e8,), "")], units=False)
    assert not is_right(both, [((300.0,), ""), ((2e8,), "元")])


def test_rivals_are_laid_beside_ours(tmp_path: Path) -> None:
    path, rivals = tmp_path / "cases.txt", tmp_path / "rivals.jsonl"
    path.write_text(LINES, encoding="utf-8")
    cases = read_cases(path)
    rows = [{"text": cases[0].text, "甲": [[[2e8], "元"]]}, {"text": cases[1].text, "甲": []}]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    rivals.write_text("\n".join(lines), encoding="utf-8")
    table = compare_rivals(cases, read_rivals(rivals))
    cells = [list(column.cells) for column in table.columns]
    assert cells[0] == ["医闻", "甲"]
    assert cells[1] == ["2/2", "1/2"]
    assert cells[4] == ["", "1"]


def test_the_grammar_is_fast_enough(tmp_path: Path) -> None:
    texts = tmp_path / "texts.jsonl"
    text = (
        "县医院今年接诊12万人次，同比增长8.5%，其中基层占六成以上。群众在家门口看病更方便了。" * 200
    )
    texts.write_text(json.dumps({"text": text}, ensure_ascii=False), encoding="utf-8")
    assert measure_speed(texts) > 30_000  # a tenth of what is promised: the machine may be busy
