"""Archives to tag in tests, and how a run of its own is begun and waited for."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

N_LINES = 172  # of the output of `make_archive`'s archive
ROOT = Path(__file__).parents[3]
QUICK = [sys.executable, str(ROOT / "tests/serving/archive/quick.py")]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
WORDS = "县乡村医院病人专家诊疗检查门诊住院手术药房护士健康慢病随访卫生培训转诊影像平台"


def tell(story: int, n_sentences: int = 8) -> str:
    dice = random.Random(story)
    sentences = ("".join(dice.choices(WORDS, k=16)) for _ in range(n_sentences))
    return "".join(f"{text}共{dice.randrange(100, 999)}人次。" for text in sentences)


def write_rows(path: Path, texts: list[str]) -> Path:
    rows = [{"id": f"n{i}", "text": text, "date": "2023-01-02"} for i, text in enumerate(texts)]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read_rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def make_archive(folder: Path) -> Path:
    """Files of one and of many articles, with reposts and bad ones among them."""
    folder.mkdir()
    for i in range(20):
        (folder / f"a{i:02}.txt").write_text(tell(i), encoding="utf-8")
    (folder / "a05.txt").write_bytes(b"")
    write_rows(folder / "b.jsonl", [tell(i if i % 3 else i // 2) for i in range(150)])
    with (folder / "b.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("broken\n")
    (folder / "c.txt").write_text(tell(3), encoding="utf-8")
    return folder


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
