"""Intake into the queue of 校正: files, a pasted text, reports of an archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from sqlalchemy import Engine

from data.readers.markup import read_article
from model import Article, InputError
from serving.archive.analysis_queue import ArticleAnalyzer
from serving.corrections.labels import Answer, read_report
from serving.corrections.report_files import holds_reports, read_reports
from serving.corrections.review import Added, add_to_queue
from serving.page.uploads import read_upload


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
        if path.suffix.lower() == ".jsonl" and holds_reports(path):
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
        for found in read_reports(path):
            if isinstance(found, Answer):
                yield found
            else:
                self.problems.append(f"{path.name} {found}")

    def _analyse(self, article: Article) -> Answer:
        return read_report(self.analyzer.analyze(article).to_dict())
