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
_PIVOT = """
WITH facts AS (
    SELECT key, place_code, any_value(place) AS place, body, name,
        any_value(indicator) AS indicator, bool_or(official = indicator) AS is_official,
        compared_unit, any_value(unit) AS unit, year, any_value(period) AS period,
        any_value(low) AS low, any_value(high) AS high, any_value(bound) AS bound,
        arg_min(text, (day = '', day, article, start)) AS shown,
        count(*) AS n_receipts, max(day) AS newest
    FROM {rows} WHERE {where} GROUP BY key, place_code, body, name, compared_unit, year
)
SELECT replace(any_value(place), '/', '') AS place, body, any_value(indicator) AS indicator,
    any_value(unit) AS unit, year,
    list(CASE period WHEN '' THEN shown ELSE shown || '（' || period || '）' END
        ORDER BY period <> '', n_receipts DESC, newest DESC, key) AS shown,
    arg_min(low, (period <> '', -n_receipts, key)) AS value, count(*) AS n_values,
    sum(n_receipts)::BIGINT AS n_receipts
FROM facts
GROUP BY place_code, body, name, compared_unit, year
ORDER BY place_code, body, bool_and(is_official) DESC, indicator, unit, year
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
        """Return the cells of the table as an Arrow table, by place, body, indicator and year.

        Columns: place, body, indicator, unit, year, shown (a list), value (of the first), n_values,
        n_receipts.
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
            for row in self.table(wanted).to_pylist()
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
