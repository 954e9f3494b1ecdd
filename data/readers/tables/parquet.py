"""Parquet: one article a row, read in batches, only the columns that are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from data.readers.document import Document, parsing
from data.readers.items import Item
from data.readers.packages import is_bomb
from data.readers.tables.rows import is_known, read_table
from model import InputError

BATCH_ROWS = 64
_WHAT = "Parquet 文件"


def read_parquet(document: Document) -> Iterator[Item]:
    """Read one article a row.

    Raises:
        InputError: it is damaged, or has no column for the text.
    """
    yield from read_table(_rows(document), document.id, document.source, first=0)


def _rows(document: Document) -> Iterator[list[object]]:
    from pyarrow import parquet

    with parsing(_WHAT):
        table = parquet.ParquetFile(document.read_seekable())
        _check_ratio(table.metadata)
        names = table.schema_arrow.names
        known = [name for name in names if is_known(name)]
        yield list(known or names)
        for batch in table.iter_batches(BATCH_ROWS, columns=known):
            columns = [column.to_pylist() for column in batch.columns]
            yield from (list(cells) for cells in zip(*columns, strict=True))


def _check_ratio(metadata: Any) -> None:
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    chunks = [group.column(at) for group in groups for at in range(group.num_columns)]
    if any(is_bomb(chunk.total_uncompressed_size, chunk.total_compressed_size) for chunk in chunks):
        raise InputError("文件解开后大得反常，可能是压缩炸弹，未处理")
