"""Parquet: one article a row, read in batches, only the columns that are known."""

from __future__ import annotations

from collections.abc import Iterator

from data.readers.document import Document, parsing
from data.readers.items import Item
from data.readers.rows import is_known, read_table

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
        names = table.schema_arrow.names
        known = [name for name in names if is_known(name)]
        yield list(known or names)
        for batch in table.iter_batches(BATCH_ROWS, columns=known):
            columns = [column.to_pylist() for column in batch.columns]
            yield from (list(cells) for cells in zip(*columns, strict=True))
