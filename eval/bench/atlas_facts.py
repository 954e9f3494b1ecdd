"""Measure tables of many facts: `python -m eval.bench.atlas_facts REPORTS [--n 1000000]`.

Facts are those of real reports, altered: another county, year and value. They are written as shards
of Parquet; tables are asked for in a process of its own, whose peak of memory is printed, and their
cells are checked against plain pandas.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from model.names.gazetteer import COUNTY, place_forms, place_of_code
from serving.atlas.facts import LEVEL, Fact, read_facts
from serving.atlas.facts_folder import FactsFolder
from serving.atlas.parquet import write_shard
from serving.atlas.pivot import FactFilter

_SHARDS = 10
_YEARS = range(2010, 2026)
_MAX_RECEIPTS = 3
FILTERS = {
    "all": FactFilter(),
    "all, places only": FactFilter(only_places=True),
    "official indicators": FactFilter(only_official=True),
    "a province": FactFilter(place="330000"),
    "by part of a name": FactFilter(place="云"),
    "an indicator": FactFilter(indicator="率"),
    "three years": FactFilter(since=2021, until=2023),
}


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=Path)
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="facts that an earlier run has written")
    parser.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        ask(options.folder)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        if not any(folder.glob("year=*")):
            write(options.reports, folder, options.n)
        command = [sys.executable, "-m", "eval.bench.atlas_facts", str(options.reports), "--ask"]
        subprocess.run([*command, "--folder", str(folder)], check=True)  # noqa: S603
        check(folder)


def write(reports: Path, folder: Path, n: int) -> None:
    """Write altered facts in shards."""
    start = time.perf_counter()
    with reports.open(encoding="utf-8") as lines:
        real = [fact for fact in read_facts(map(json.loads, lines)) if fact.kind == LEVEL]
    n_rows = sum(
        write_shard(folder, _alter(real, n // _SHARDS, shard), f"shard-{shard}")
        for shard in range(_SHARDS)
    )
    n_bytes = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
    spent = time.perf_counter() - start
    print(
        f"{n} facts of {len(real)} real ones, {n_rows} rows, {n_bytes / 1e6:.0f} MB, {spent:.0f} s"
    )


def ask(folder: Path) -> None:
    """Print how long tables take, and the peak of memory of this process."""
    facts = FactsFolder(folder)
    for name, wanted in FILTERS.items():
        start, used = time.perf_counter(), time.process_time()
        n_cells = facts.table(wanted).num_rows
        spent, used = time.perf_counter() - start, time.process_time() - used
        print(f"{name}: {n_cells} cells in {spent:.2f} s, {used:.2f} s of cores", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")


def check(folder: Path) -> None:
    """Compare the cells of every table with those that pandas makes of the same rows."""
    import pandas as pd

    columns = [
        "key", "place_code", "place", "body", "name", "indicator", "official", "compared_unit",
        "year", "period", "kind", "low", "doubts",
    ]  # fmt: skip
    rows = pd.read_parquet(folder, columns=columns)
    rows["year"] = rows["year"].astype(int)
    facts = FactsFolder(folder)
    for name, wanted in FILTERS.items():
        table = facts.table(wanted).to_pandas()
        own = _pivot(rows, wanted)
        got = table.sort_values(["n_receipts", "value"])
        same = (
            len(own) == len(table)
            and int(own["n_receipts"].sum()) == int(table["n_receipts"].sum())
            and int(own["n_values"].sum()) == int(table["n_values"].sum())
            and sorted(own["n_receipts"]) == list(got["n_receipts"])
        )
        single = own[own["n_values"] == 1]["lowest"]
        values = table[table["n_values"] == 1]["value"]
        agree = sorted(single.round(6)) == sorted(values.round(6))
        print(f"pandas, {name}: {'the same' if same and agree else 'DIFFERENT'}")


def _pivot(rows: Any, wanted: FactFilter) -> Any:
    """Return the cells by plain pandas: how many receipts and values, and the lowest value."""
    taken = rows[(rows["kind"] == "level") & (rows["doubts"] == "") & (rows["year"] > 0)]
    if wanted.place.isdigit():
        taken = taken[taken["place_code"].str.startswith(wanted.place.rstrip("0"))]
    elif wanted.place:
        whole = taken["place"].str.replace("/", "") + taken["body"]
        taken = taken[whole.str.contains(wanted.place, regex=False)]
    if wanted.indicator:
        names = taken["indicator"] + " " + taken["official"]
        taken = taken[names.str.contains(wanted.indicator, regex=False)]
    if wanted.since is not None:
        taken = taken[(taken["year"] >= wanted.since) & (taken["year"] <= wanted.until)]
    if wanted.only_places:
        taken = taken[taken["body"] == ""]
    if wanted.only_official:
        taken = taken[(taken["official"] == taken["indicator"]) & (taken["official"] != "")]
    cell = ["place_code", "body", "name", "compared_unit", "year"]
    groups = taken.groupby(cell, sort=False)
    made = groups.agg(
        n_receipts=("key", "size"), n_values=("key", "nunique"), lowest=("low", "min")
    )
    return made.reset_index()


def _alter(real: Sequence[Fact], n: int, shard: int) -> Iterator[Fact]:
    """Yield altered facts; one in three has several receipts."""
    draw = random.Random(shard)  # noqa: S311
    codes = sorted({c for form in place_forms().values() for c in form.codes})
    places = [place_of_code(code) for code in codes]
    counties = [place for place in places if place.level == COUNTY]
    for number in range(n):
        fact = draw.choice(real)
        factor = draw.uniform(0.5, 2)
        value = tuple(round(end * factor, 4) for end in fact.value)
        receipts = tuple(
            replace(fact.receipts[0], article=f"{shard:04x}{number:08x}{i:04x}")
            for i in range(draw.choice((1, 1, _MAX_RECEIPTS)))
        )
        yield replace(
            fact, place=draw.choice(counties), year=draw.choice(_YEARS), value=value, doubts=(),
            receipts=receipts,
        )  # fmt: skip


if __name__ == "__main__":
    main()
