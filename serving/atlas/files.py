"""Facts as files for other programs: CSV, a row a fact."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from model import InputError
from serving.atlas.facts import Fact
from serving.atlas.tables import FACT_COLUMNS, RECEIPT_COLUMNS, fact_row, receipt_rows
from serving.output.tables import make_inert
from serving.output.writers import CSV_ENCODING

# Of the first receipt: the sentence, and the article it is from.
_CITED = RECEIPT_COLUMNS[6:]


def write_csv(path: Path, facts: Iterable[Fact]) -> None:
    """Write facts, a row each with its first receipt.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        with path.open("w", encoding=CSV_ENCODING, newline="") as stream:
            table = csv.writer(stream)
            table.writerow((*FACT_COLUMNS, *_CITED))
            for fact in facts:
                first = next(receipt_rows(fact))
                cells = (*fact_row(fact), *first[-len(_CITED) :])
                table.writerow([make_inert(cell) for cell in cells])
    except OSError as error:
        raise InputError(f"无法写入 {path}：{error.strerror or error}") from None
