from __future__ import annotations

from pathlib import Path

import pytest

from data.indicators import read_indicators, write_table
from model import InputError
from model.figures.official import TABLE_FILE

HEAD = "sources: {a: 公报（2023年）}\nindicators:\n"
GOOD = "- {name: 床位数, unit: [张], counts: 实有床位数, source: a, also: [病床]}\n"


def write(folder: Path, rows: str) -> Path:
    path = folder / "indicators.yaml"
    path.write_text(HEAD + rows, encoding="utf-8")
    return path


def test_the_models_table_is_what_the_list_gives() -> None:
    assert TABLE_FILE.read_text(encoding="utf-8") == write_table(read_indicators())


def test_the_list_names_units_definition_and_source_of_each_indicator() -> None:
    indicators = read_indicators()
    assert len(indicators) >= 120
    assert all(i.unit and i.counts and "年" in i.source for i in indicators)
    rate = next(i for i in indicators if i.name == "县域内就诊率")
    assert rate.unit == ("%",)
    assert "区域内就诊率" in rate.near


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("- {name: 床位数, unit: [张], source: a}\n", "缺少 counts"),
        ("- {name: 床位数, unit: [张], counts: x, source: b}\n", "'b'"),
        ("- {name: 床位数, unit: [], counts: x, source: a}\n", "不能为空"),
        (f"{GOOD}- {{name: 病床总数, unit: [张], counts: x, source: a}}\n", "既属 床位数，又属"),
    ],
)
def test_a_faulty_list_is_refused(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_indicators(write(tmp_path, rows))


def test_a_name_stands_once_and_what_differs_wins(tmp_path: Path) -> None:
    near = GOOD.replace("also: [病床]", "also: [编制床位], near: {编制床位: 编制数}")
    table = write_table(read_indicators(write(tmp_path, near)))
    assert table.splitlines()[1:] == [
        "床位数\t床位数\texact\t\t张\t",
        "编制床位\t床位数\tnear\t编制数\t张\t",
    ]
