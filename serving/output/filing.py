"""A report as a file to keep: Word, Excel or JSON, made when it is asked for."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from model import Article, Report
from serving.output.tables import clean_record, name_place, place_name
from serving.output.word import write_docx
from serving.output.writers import open_writer

_STEM_CHARS = 24
Names = Mapping[str, str]


@dataclass(frozen=True)
class Filed:
    """A file that goes to the browser as it is, without a place on this machine's disk."""

    name: str
    content: bytes

    def to_dict(self) -> dict[str, str]:
        """Return name and content for the page's script, which saves them."""
        return {"name": self.name, "content": b64encode(self.content).decode("ascii")}


def file_report(report: Report, names: Names, kind: str, place: str | None = None) -> Filed:
    """Return the report as a file.

    Args:
        report: the report.
        names: Chinese name of every theme, by key.
        kind: docx, xlsx or json.
        place: the place that it is about, where a person named one.
    """
    place = place_name(report.to_dict()) if place is None else place
    return Filed(f"{_file_stem(report.article)}.{kind}", _MAKERS[kind](report, names, place))


def _to_json(report: Report, _: Names, place: str) -> bytes:
    record = clean_record(name_place(report.to_dict(), place), keep_offsets=True)
    return (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode()


def _to_xlsx(report: Report, names: Names, place: str) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        writer = open_writer("xlsx", path, dict(names), date.today())
        writer.write(name_place(report.to_dict(), place))
        writer.close()
        return path.read_bytes()


_MAKERS: dict[str, Callable[[Report, Names, str], bytes]] = {
    "docx": write_docx,
    "xlsx": _to_xlsx,
    "json": _to_json,
}


def _file_stem(article: Article) -> str:
    kept = "".join(c for c in article.title if c.isalnum())[:_STEM_CHARS]
    return "-".join(part for part in ("医闻", article.date, kept) if part)
