"""Facts in Parquet, a file a year and shard: written by any run, read with DuckDB.

A row is a fact in one receipt; rows of one `key` are one fact, whatever shards they stand in. So
shards are written apart, on one machine or by Ray, and nothing has to be merged in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from model import InputError
from model.names import Place
from serving.atlas.facts import Fact, Receipt

NO_YEAR = 0
SUFFIX = ".parquet"
_ROWS = 20_000
_PARTITION = "year="
_TEXTS = (
    "key", "place_code", "place", "level", "body", "name", "indicator", "official", "note",
    "period", "kind", "unit", "compared_unit", "bound", "base", "deadline", "doubts", "article",
    "id", "title", "source", "day", "text", "sentence", "told_as",
)  # fmt: skip
_NUMBERS = ("low", "high", "compared_low", "compared_high")
_PLACES = ("start", "end")
_JOINT = "/"
_DOUBT_JOINT = "；"


def write_shard(folder: Path, facts: Iterable[Fact], shard: str) -> int:
    """Write facts into a folder by year, in place of what the shard had; return how many rows.

    Args:
        folder: a folder of facts, made if missing.
        facts: facts, merged or not.
        shard: the name of the files; another shard's stay.

    Raises:
        InputError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{_PARTITION}*/{shard}{SUFFIX}"):
            old.unlink()
        return _write(folder, facts, shard)
    except OSError as error:
        raise InputError(f"无法写入 {folder}：{error.strerror or error}") from None


def shard_of(path: Path) -> str:
    """Return the name of the shard that a file of reports becomes."""
    digest = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    return digest[:16]


def to_rows(fact: Fact) -> Iterator[dict[str, Any]]:
    """Yield a fact's rows, one a receipt, with the columns of the files and `year`."""
    place, (_, _, name, unit) = fact.place, fact.series
    row = {
        "key": fact.key, "place_code": place.code if place else "",
        "place": _JOINT.join(place.path) if place else "", "level": place.level if place else "",
        "body": fact.body, "name": name, "indicator": fact.indicator, "official": fact.official,
        "note": fact.note, "year": fact.year or NO_YEAR, "period": fact.period, "kind": fact.kind,
        "low": fact.value[0], "high": fact.value[-1], "unit": fact.unit,
        "compared_low": fact.compared[0], "compared_high": fact.compared[-1],
        "compared_unit": unit, "bound": fact.bound, "base": fact.base,
        "deadline": fact.deadline, "doubts": _DOUBT_JOINT.join(fact.doubts),
    }  # fmt: skip
    for r in fact.receipts:
        yield row | {
            "article": r.article, "id": r.id, "title": r.title, "source": r.source, "day": r.day,
            "start": r.start, "end": r.end, "text": r.text, "sentence": r.sentence,
            "told_as": r.kind,
        }  # fmt: skip


def to_fact(row: Mapping[str, Any]) -> Fact:
    """Return the fact of a row, with its one receipt."""
    path = tuple(row["place"].split(_JOINT))
    place = Place(row["place_code"], path[-1], row["level"], path) if row["place_code"] else None
    low, high = row["low"], row["high"]
    receipt = Receipt(
        row["article"], row["id"], row["title"], row["source"], row["day"], row["start"],
        row["end"], row["text"], row["sentence"], row["told_as"],
    )  # fmt: skip
    return Fact(
        place, row["body"], row["indicator"], row["official"], row["note"], row["year"] or None,
        row["period"], row["kind"], (low,) if low == high else (low, high), row["unit"],
        row["bound"], row["base"], row["deadline"],
        tuple(filter(None, row["doubts"].split(_DOUBT_JOINT))), (receipt,),
    )  # fmt: skip


def _write(folder: Path, facts: Iterable[Fact], shard: str) -> int:
    from pyarrow.parquet import ParquetWriter

    schema = _schema()
    files: dict[int, tuple[Path, Any, list[dict[str, Any]]]] = {}
    n_rows = 0
    with ExitStack() as opened:
        for row in (row for fact in facts for row in to_rows(fact)):
            year = row.pop("year")
            if year not in files:
                part = folder / f"{_PARTITION}{year}" / f".{shard}.part"
                part.parent.mkdir(exist_ok=True)
                files[year] = (part, opened.enter_context(ParquetWriter(part, schema)), [])
            _, writer, rows = files[year]
            rows.append(row)
            n_rows += 1
            if len(rows) >= _ROWS:
                _flush(writer, rows, schema)
        for _, writer, rows in files.values():
            _flush(writer, rows, schema)
    for part, _, _ in files.values():
        part.replace(part.with_name(f"{shard}{SUFFIX}"))
    return n_rows


def _flush(writer: Any, rows: list[dict[str, Any]], schema: Any) -> None:
    import pyarrow as pa

    writer.write_table(pa.Table.from_pylist([_clean(row) for row in rows], schema=schema))
    rows.clear()


def _clean(row: Mapping[str, Any]) -> dict[str, Any]:
    """Half surrogates have no place in Parquet."""
    return {
        key: cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else cell
        for key, cell in row.items()
    }


def _schema() -> Any:
    import pyarrow as pa

    return pa.schema(
        [
            *((name, pa.string()) for name in _TEXTS),
            *((name, pa.float64()) for name in _NUMBERS),
            *((name, pa.int32()) for name in _PLACES),
        ]
    )
