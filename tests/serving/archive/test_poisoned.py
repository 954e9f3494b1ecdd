"""An archive of which one file in twenty is poisoned."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.data.readers.make_files import make_docx, make_pdf, make_zip, zip_files
from tests.serving.archive.archives import read_rows, tell
from tests.serving.archive.quick import quick_run, read_oddly

N_GOOD = 152
LIMIT_S = 8.0  # a good file on a loaded machine takes less, a PDF has a process of its own


def cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


POISON: dict[str, Callable[[], bytes]] = {
    "cut.docx": lambda: cut(make_docx()),
    "cut.pdf": lambda: cut(make_pdf()),
    "cut.zip": lambda: cut(make_zip()),
    "noise.txt": lambda: bytes(range(0x80, 0x100)) * 20,
    "bomb.zip": lambda: zip_files({"a.txt": bytes(60_000_000)}),
    "line.jsonl": lambda: json.dumps({"text": "医" * 10_000_000}, ensure_ascii=False).encode(),
    "line.txt": lambda: "医".encode() * 10_000_000,
    "slow.txt": lambda: tell(0).encode(),
}


@pytest.fixture
def poisoned(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(N_GOOD):
        make, suffix = [(str.encode, "txt"), (make_docx, "docx")][i % 2]
        (folder / f"g{i:03}.{suffix}").write_bytes(make(tell(i)))
    for i, (name, make_bad) in enumerate(POISON.items()):
        (folder / f"g{i * 20:03}-{name}").write_bytes(make_bad())
    return folder


def test_every_poisoned_file_is_named_and_every_good_one_tagged(
    poisoned: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    outcome = quick_run(poisoned, out, limit_s=LIMIT_S, read=read_oddly)
    reports = read_rows(out)
    reasons = {r["id"].partition("-")[2]: r["error"] for r in reports if "error" in r}
    assert {re.split("[/:]", place)[0] for place in reasons} == POISON.keys()
    assert reasons["slow.txt"].startswith("读取超过 8 秒")
    assert "压缩炸弹" in reasons["bomb.zip/a.txt"]
    assert outcome.is_finished
    assert (outcome.counts.n_tagged, outcome.counts.n_failed) == (N_GOOD, len(POISON))
