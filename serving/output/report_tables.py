"""Reports read back from what was written of them: JSON Lines, CSV, a workbook or Parquet.

A table says less than a report: what comes back has the keys that counting needs.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from model import InputError
from serving.output.tables import ERROR_COLUMN

SUFFIXES = (".jsonl", ".csv", ".xlsx", ".parquet")
_JSON_COLUMNS = ("themes", "figures", "place", "bodies")
Record = dict[str, Any]


def read_reports(path: Path) -> Iterator[Record]:
    """Yield the reports of a file that `yiwen tag` or the page wrote.

    Raises:
        InputError: it is no such file.
    """
    reader = {".csv": _read_csv, ".xlsx": _read_xlsx, ".parquet": _read_parquet}.get(
        path.suffix.lower(), _read_lines
    )
    try:
        yield from reader(path)
    except UnicodeDecodeError:
        raise InputError(_describe(path)) from None
    except OSError as error:
        raise InputError(f"{path} 无法读取：{error.strerror or error}") from None


def _read_lines(path: Path) -> Iterator[Record]:
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            yield _parse(line, path, number)


def _parse(line: str, path: Path, number: int) -> Record:
    try:
        report = json.loads(line)
    except ValueError:
        report = None
    if not isinstance(report, dict) or not ({"error", "themes"} & report.keys()):
        raise InputError(f"{path} 第 {number} 行不是报告；请给出 yiwen tag 写出的文件")
    return report


def _read_csv(path: Path) -> Iterator[Record]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        table = csv.DictReader(stream)
        _check_head(table.fieldnames or (), path)
        for row in table:
            yield _to_record(row, ())


def _read_xlsx(path: Path) -> Iterator[Record]:
    import zipfile

    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError):
        raise InputError(_describe(path)) from None
    tables: dict[str, list[Record]] = defaultdict(list)
    for sheet in book.worksheets:
        rows = sheet.iter_rows(values_only=True)
        head = [str(cell) for cell in next(rows, ())]
        tables[sheet.title.rstrip("0123456789")] += [
            dict(zip(head, row, strict=False)) for row in rows
        ]
    if "文章" not in tables:
        raise InputError(_describe(path))
    indicators: dict[Any, list[str]] = defaultdict(list)
    for row in tables["数字"]:
        indicators[row.get("编号")].append(row.get("指标") or "")
    for row in (*tables["文章"], *tables["错误"]):
        yield _to_record(row, indicators[row.get("编号")])


def _read_parquet(path: Path) -> Iterator[Record]:
    from pyarrow import ArrowInvalid
    from pyarrow.parquet import ParquetFile

    try:
        batches = ParquetFile(path).iter_batches()
    except ArrowInvalid:
        raise InputError(_describe(path)) from None
    for row in (row for batch in batches for row in batch.to_pylist()):
        if error := row.pop("error", None):
            yield {"id": row["id"], "source": row["source"], "error": error}
            continue
        for column in _JSON_COLUMNS:
            row[column] = json.loads(row[column]) if row.get(column) else None
        row["cluster"] = row.get("cluster") or row["id"]
        yield row


def _check_head(columns: Iterable[str], path: Path) -> None:
    if "主题" not in columns:
        raise InputError(_describe(path))


def _to_record(row: Mapping[str, Any], indicators: Iterable[str]) -> Record:
    """Return a row of a table under the keys of a report."""
    number, source = row.get("编号"), row.get("来源")
    if row.get(ERROR_COLUMN):
        return {"id": number, "source": source, "error": str(row[ERROR_COLUMN])}
    day = row.get("日期")
    return {
        "id": number,
        "source": source,
        "date": day.isoformat()[:10] if isinstance(day, date) else day,
        "themes": [{"name": name} for name in (row.get("主题") or "").split("、") if name],
        "figures": [{"indicator": indicator} for indicator in indicators],
        "place": {"name": row["地区"]} if row.get("地区") else None,
        "cluster": row.get("同题") or number,
    }


def _describe(path: Path) -> str:
    return f"{path} 不是 yiwen tag 写出的文件；可用 {'、'.join(s[1:] for s in SUFFIXES)}"
