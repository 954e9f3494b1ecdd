"""Intake into the queue of 校正: files, a pasted text, reports of an archive."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from data.readers.markup import read_article
from model import Article, InputError
from serving.archive.analysis_queue import ArticleAnalyzer
from serving.corrections.labels import Answer, is_report, read_report
from serving.corrections.review import Added, add_to_queue
from serving.page.uploads import read_upload

MAX_REPORT_BYTES = 200_000_000
_FIRST_LINES = 20


@dataclass
class Intake:
    """Puts articles into the queue; `problems` are Chinese messages on those it could not use.

    `read` reads a pasted text.
    """

    analyzer: ArticleAnalyzer
    store: Engine
    problems: list[str] = field(default_factory=list)
    read: Callable[[str], Article] = field(default=lambda text: read_article(text, id="page"))

    def take(self, paths: list[Path], text: str, by: str, *, only_needed: bool) -> Added:
        """Put files and a pasted text into the queue; the files are removed.

        Args:
            paths: files of any kind that Yiwen reads; reports are not analysed again.
            text: an article, or empty.
            by: the user who adds them.
            only_needed: skip articles that need no review.
        """
        answers = chain(self._read_files(paths), self._read_pasted(text))
        return add_to_queue(self.store, answers, by, only_needed=only_needed)

    def _read_pasted(self, text: str) -> Iterator[Answer]:
        if text.strip():
            try:
                yield self._analyse(self.read(text))
            except InputError as error:
                self.problems.append(str(error))

    def _read_files(self, paths: list[Path]) -> Iterator[Answer]:
        for path in paths:
            try:
                yield from self._read_file(path)
            except InputError as error:
                self.problems.append(f"{path.name}：{error}")
            finally:
                path.unlink(missing_ok=True)

    def _read_file(self, path: Path) -> Iterator[Answer]:
        if path.suffix.lower() == ".jsonl" and _has_reports(path):
            yield from self._read_reports(path)
            return
        upload = read_upload(path)
        self.problems += [f"{path.name}：{problem}" for problem in upload.problems]
        if upload.is_cut:
            self.problems.append(
                f"{path.name}：一个文件只取前 {len(upload.articles)} 篇；更多请先批量标注"
            )
        for article in upload.articles:
            try:
                yield self._analyse(article)
            except InputError as error:
                self.problems.append(f"{path.name}：{error}")

    def _read_reports(self, path: Path) -> Iterator[Answer]:
        if path.stat().st_size > MAX_REPORT_BYTES:
            raise InputError(f"文件超过 {MAX_REPORT_BYTES // 1_000_000} MB，请分成几个再放入")
        with path.open(encoding="utf-8-sig", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                row = _parse(line)
                if not line.strip() or (isinstance(row, dict) and "error" in row):
                    continue
                try:
                    yield read_report(row if isinstance(row, dict) else {})
                except InputError as error:
                    self.problems.append(f"{path.name} 第 {number} 行：{error}")

    def _analyse(self, article: Article) -> Answer:
        return read_report(self.analyzer.analyze(article).to_dict())


def _has_reports(path: Path) -> bool:
    """Whether a report of `yiwen tag` is among the first lines of a file."""
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        return any(
            is_report(_parse(line)) for line, _ in zip(lines, range(_FIRST_LINES), strict=False)
        )


def _parse(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
