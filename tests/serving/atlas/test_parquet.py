"""Facts in Parquet: shards written apart are read as one; SQL and Python give the same table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from model import InputError
from serving.atlas.atlas import build_atlas
from serving.atlas.facts_folder import FactsFolder
from serving.atlas.parquet import write_shard
from serving.atlas.pivot import FactFilter, make_pivot
from serving.atlas.shards import write_shards
from serving.cli.main import app
from tests.serving.archive.archives import ROOT
from tests.serving.atlas.reports import RATE, make_rate
from tests.serving.atlas.test_pivot import make_facts

pytest.importorskip("duckdb")
FILTERS = (
    FactFilter(),
    FactFilter(place="5101"),
    FactFilter(place="郫都"),
    FactFilter(indicator="就诊"),
    FactFilter(indicator="住院"),
    FactFilter(until=2022),
    FactFilter(since=2022, only_places=True, only_official=True),
)


@pytest.fixture
def shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "home"))
    records = [
        [make_rate(2023, "90.6%"), make_rate(2021, "82.3%")],
        [make_rate(2023, "90.6%", source="甲报"), make_rate(2022, "80%", cells={"body": None})],
    ]
    paths = [tmp_path / f"{name}.jsonl" for name in "ab"]
    for path, part in zip(paths, records, strict=True):
        lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in part]
        path.write_text("".join(lines), encoding="utf-8")
    return paths


@pytest.mark.parametrize("wanted", FILTERS)
def test_both_tables_are_the_same(wanted: FactFilter, tmp_path: Path) -> None:
    facts = make_facts()
    write_shard(tmp_path / "facts", facts, "a")
    cells = FactsFolder(tmp_path / "facts").pivot(wanted)
    own = [
        ("".join(row.place.path), row.body, row.indicator, row.unit, year, *_sum(cell))
        for row in make_pivot(facts, wanted).rows
        for year, cell in row.cells.items()
    ]
    assert own == [
        (c.place, c.body, c.indicator, c.unit, c.year, c.shown[0], c.value, c.n_receipts)
        for c in cells
    ]


def _sum(cell: Any) -> tuple[str, float, int]:
    return cell[0].shown, cell[0].value[0], sum(len(fact.receipts) for fact in cell)


def test_shards_are_read_as_one_and_written_again_without_doubling(
    shards: list[Path], tmp_path: Path
) -> None:
    folder = tmp_path / "facts"
    for _ in range(2):
        assert write_shards(shards, folder) == 4
    assert sorted(path.name for path in folder.iterdir()) == ["year=2021", "year=2022", "year=2023"]
    facts = FactsFolder(folder).read()
    lines = [line for p in shards for line in p.read_text(encoding="utf-8").splitlines()]
    whole = build_atlas(map(json.loads, lines))
    assert {fact.key: fact for fact in facts} == {fact.key: fact for fact in whole.facts}
    assert [c.n_receipts for c in FactsFolder(folder).pivot()] == [1, 2]


def test_the_command_writes_and_reads_a_folder(shards: list[Path], tmp_path: Path) -> None:
    run = CliRunner().invoke
    folder = str(tmp_path / "facts")
    assert run(app, ["atlas", *map(str, shards), "-o", folder]).exit_code == 0
    asked = ["--ask", "--place", "金堂县", "--indicator", RATE, "--year", "2023"]
    answered = run(app, ["atlas", folder, *asked])
    assert answered.exit_code == 0
    assert answered.stdout.count("四川日报") == answered.stdout.count("甲报") == 1
    assert "82.3%" in run(app, ["atlas", folder, "--since", "2020"]).stdout


def test_too_many_facts_are_not_read_at_once(tmp_path: Path) -> None:
    write_shard(tmp_path / "facts", make_facts(), "a")
    with pytest.raises(InputError, match="缩小范围"):
        FactsFolder(tmp_path / "facts").read(limit=3)


def test_a_folder_without_facts_and_a_machine_without_duckdb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="没有事实"):
        FactsFolder(tmp_path)
    write_shard(tmp_path / "facts", make_facts(), "a")
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(InputError, match="DuckDB"):
        FactsFolder(tmp_path / "facts")


def test_a_cluster_is_asked_for_only_where_there_is_one(
    shards: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match="Ray"):
        write_shards(shards, tmp_path / "facts", on_ray=True)


@pytest.mark.ray
@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is no part of make install")
def test_a_cluster_writes_what_one_machine_writes(shards: list[Path], tmp_path: Path) -> None:
    own, far = tmp_path / "own", tmp_path / "far"
    write_shards(shards, own)
    command = [sys.executable, "-m", "serving.cli", "atlas", *map(str, shards), "-o", str(far)]
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
    subprocess.run(
        [*command, "--engine", "ray"], cwd=ROOT, env=environment, check=True, timeout=240
    )
    keys = [sorted(fact.key for fact in FactsFolder(folder).read()) for folder in (own, far)]
    assert keys[0] == keys[1] != []
