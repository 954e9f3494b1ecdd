"""A folder of facts in Parquet, asked with DuckDB: tables of millions of facts, and single facts.

DuckDB is an extra: `pip install "yiwen[atlas]"`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model import InputError
from serving.atlas.facts import Fact, merge_facts
from serving.atlas.parquet import SUFFIX, to_fact
from serving.atlas.pivot import FactFilter, head_of
from serving.codes import DUCKDB_MISSING

MAX_FACTS = 300_000
_MEMORY = "600MB"
_ROWS = "read_parquet(?, hive_partitioning=true, hive_types_autocast=true)"
_READ = "SELECT * FROM {rows} WHERE {where} LIMIT ?"
# Most cells hold one fact: only those with several are grouped twice. Strings are grouped by hash.
_PIVOT = """
WITH rows AS (
    SELECT hash(place_code, body, name, compared_unit) AS line, hash(key) AS fact, year,
        place_code, place, body, indicator, official, unit, period, low, text, day
    FROM {rows} WHERE {where}
), cells AS (
    SELECT line, year, any_value(place_code) AS place_code, any_value(place) AS place,
        any_value(body) AS body, any_value(indicator) AS indicator, any_value(unit) AS unit,
        bool_or(official = indicator) AS is_official, min(fact) <> max(fact) AS is_crowded,
        count(*) AS n_receipts, min(text) AS text, any_value(period) AS period,
        any_value(low) AS low
    FROM rows GROUP BY line, year
), facts AS (
    SELECT line, year, fact, min(text) AS text, any_value(period) AS period,
        any_value(low) AS low, count(*) AS n, max(day) AS newest
    FROM rows SEMI JOIN (SELECT line, year FROM cells WHERE is_crowded) USING (line, year)
    GROUP BY line, year, fact
), crowded AS (
    SELECT line, year,
        list(text || CASE period WHEN '' THEN '' ELSE '（' || period || '）' END
            ORDER BY period <> '', n DESC, newest DESC, fact) AS shown,
        first(low ORDER BY period <> '', n DESC, newest DESC, fact) AS value,
        count(*) AS n_values
    FROM facts GROUP BY line, year
)
SELECT replace(place, '/', '') AS place, body, indicator, cells.unit, cells.year,
    coalesce(crowded.shown,
        [text || CASE period WHEN '' THEN '' ELSE '（' || period || '）' END]) AS shown,
    coalesce(crowded.value, low) AS value, coalesce(n_values, 1) AS n_values, n_receipts,
    place_code, is_official
FROM cells LEFT JOIN crowded ON cells.line = crowded.line AND cells.year = crowded.year
"""


@dataclass(frozen=True)
class PivotCell:
    """A cell of the table of a folder; `shown` are its values as printed, the best first."""

    place: str
    body: str
    indicator: str
    unit: str
    year: int
    shown: tuple[str, ...]
    value: float
    n_receipts: int


class FactsFolder:
    """Facts in Parquet, below `year=…`.

    Args:
        path: the folder.

    Raises:
        InputError: it holds no facts, or DuckDB is missing.
    """

    def __init__(self, path: Path) -> None:
        if not any(path.glob(f"year=*/*{SUFFIX}")):
            raise InputError(f"{path} 里没有事实；应是 yiwen atlas … -o 文件夹 写出的")
        self._files = str(path / "year=*" / f"*{SUFFIX}")
        self._duck = _connect()

    def table(self, wanted: FactFilter | None = None) -> Any:
        """Return the cells of the table as an Arrow table, in no order.

        Columns: place, body, indicator, unit, year, shown (a list), value (of the first), n_values,
        n_receipts, place_code, is_official.
        """
        conditions = ["kind = 'level'", "doubts = ''", "year > 0"]
        return self._ask(_PIVOT, conditions, wanted).to_arrow_table()

    def pivot(self, wanted: FactFilter | None = None) -> list[PivotCell]:
        """Return the cells of the table, by place, body, indicator and year."""
        return [
            PivotCell(
                row["place"], row["body"], row["indicator"], row["unit"], row["year"],
                tuple(row["shown"]), row["value"], row["n_receipts"],
            )
            for row in sorted(self.table(wanted).to_pylist(), key=_order)
        ]  # fmt: skip

    def read(self, wanted: FactFilter | None = None, limit: int = MAX_FACTS) -> list[Fact]:
        """Return merged facts.

        Raises:
            InputError: there are more rows than the limit.
        """
        found = self._ask(_READ, [], wanted, [limit + 1])
        names = found.columns
        rows = found.fetchall()
        if len(rows) > limit:
            raise InputError(f"超过 {limit:,} 条，一次读不下；请给出地区、指标或年份，缩小范围")
        return merge_facts(to_fact(dict(zip(names, row, strict=True))) for row in rows)

    def _ask(
        self,
        query: str,
        conditions: Sequence[str],
        wanted: FactFilter | None,
        more: Sequence[Any] = (),
    ) -> Any:
        where, values = _to_sql(wanted or FactFilter())
        text = query.format(rows=_ROWS, where=" AND ".join([*conditions, *where]) or "true")
        return self._duck.sql(text, params=[self._files, *values, *more])


def _order(row: dict[str, Any]) -> tuple[object, ...]:
    """Order cells as rows of the table in memory are."""
    body = row["body"]
    return (
        row["place_code"], bool(body), body, not row["is_official"], row["indicator"],
        row["unit"], row["year"],
    )  # fmt: skip


def _to_sql(wanted: FactFilter) -> tuple[list[str], list[Any]]:
    """Return a filter as conditions and their values."""
    code = wanted.place if wanted.place.isascii() and wanted.place.isdigit() else ""
    conditions: list[tuple[str, Any]] = [
        ("starts_with(place_code, ?)", head_of(code) if code else None),
        ("contains(replace(place, '/', '') || body, ?)", wanted.place if not code else None),
        ("contains(indicator || ' ' || official, ?)", wanted.indicator),
        ("year >= ?", wanted.since),
        ("year BETWEEN 1 AND ?", wanted.until),
        ("(body = '') = ?", wanted.only_places or None),
        ("(official = indicator AND official <> '') = ?", wanted.only_official or None),
    ]
    used = [(text, value) for text, value in conditions if value not in (None, "")]
    return [text for text, _ in used], [value for _, value in used]


def _connect() -> Any:
    try:
        import duckdb
    except ImportError:
        raise InputError("读 Parquet 事实需要 DuckDB，本机没有安装", code=DUCKDB_MISSING) from None
    return duckdb.connect(config={"memory_limit": _MEMORY, "preserve_insertion_order": False})
