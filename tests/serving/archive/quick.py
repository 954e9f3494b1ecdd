"""An analyzer and a reader that are quick, and that misbehave when an article says so."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.readers import Item
from model import Article, Report, Summary, Theme
from model.report import Excerpt
from serving.archive.feed.file_reader import read_source
from serving.archive.feed.sources import Source
from serving.archive.run import Outcome, run
from serving.archive.task import ArchiveTask

ANALYSIS_S = 0.004


class QuickAnalyzer:
    """Leaves a line for each article that it analyses, where `log` is given."""

    def __init__(self, log: Path | None = None) -> None:
        self._log = log

    def analyze(self, article: Article) -> Report:
        if self._log:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(f"{article.id}\n")
        if "令人崩溃" in article.text:
            raise ValueError("崩溃")
        if "令人猝死" in article.text:
            os._exit(9)
        while "没完没了" in article.text:
            time.sleep(1)
        time.sleep(ANALYSIS_S)
        first = article.sentences[0]
        score = len(set(article.text)) / 1000
        return Report(
            article=article,
            themes=(Theme("alliance", "医共体", score, (first,)),),
            scores={"alliance": score},
            primary="alliance",
            review=(),
            figures=(),
            summary=Summary(first.of(article.text), (Excerpt(first, (first,)),)),
            warnings=article.warnings,
            model="quick",
        )


class Loader:
    """What `ArchiveTask.load` is; can be sent to another process."""

    def __init__(self, log: Path | None = None) -> None:
        self._log = log

    def __call__(self) -> QuickAnalyzer:
        return QuickAnalyzer(self._log)


def read_oddly(source: Source) -> Iterator[Item]:
    """Hang where the name says so: deaf to the alarm or not."""
    if "deaf" in source.id:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
    while re.search("deaf|slow", source.id):
        time.sleep(0.05)
    if "dies" in source.id:
        os._exit(3)
    yield from read_source(source)


def read_while_it_grows(source: Source) -> Iterator[Item]:
    """Add the first line of a file to its end once it was read."""
    yield from read_source(source)
    path = Path(source.path)
    first = path.read_text(encoding="utf-8").splitlines(keepends=True)[0]
    with path.open("a", encoding="utf-8") as stream:
        stream.write(first)


def quick_task(inputs: Path, out: Path, **settings: Any) -> ArchiveTask:
    names = {"alliance": "医共体"}
    load = settings.pop("load", Loader(settings.pop("log", None)))
    fingerprint = settings.pop("fingerprint", "quick 1")
    kind = out.suffix[1:]
    return ArchiveTask((str(inputs),), out, kind, fingerprint, names, load, **settings)


def quick_run(inputs: Path, out: Path, **settings: Any) -> Outcome:
    return run(quick_task(inputs, out, **settings), lambda _: None)


if __name__ == "__main__":
    quick_run(Path(sys.argv[1]), Path(sys.argv[2]), commit_every_s=0.02)
