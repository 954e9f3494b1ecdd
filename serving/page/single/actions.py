"""Handlers of the events of 单篇."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic_ns
from typing import Any

import gradio as gr
from markupsafe import Markup

from model import Article, InputError, YiwenError
from model.summary import DEFAULT_CHARS
from serving.analysis.worker import Task
from serving.library.articles import keep_record
from serving.library.keeping import is_keeping
from serving.output.filing import file_report
from serving.page.correct.tab import send_to_correct
from serving.page.guard.login import owner_of
from serving.page.hosting import AnalysisLimit
from serving.page.notices import alert, show_error, show_note, show_sent
from serving.page.phrases import both
from serving.page.single.last import LastArticle, LastArticles
from serving.page.single.reading import Headline, LatestRequests, Reading
from serving.page.single.view import show_body, show_empty, show_head
from serving.page.uploads import Upload, read_upload
from serving.page.workplace import Workplace
from serving.registry.version_labels import title_of_model

_LABEL_CHARS = 30
_N_SHOWN = 7  # reading, head, body, and the four boxes of the headline
Update = dict[str, object]


@dataclass(frozen=True)
class SingleActions:
    """Handlers; `lasts` keeps each person's last article."""

    place: Workplace
    lasts: LastArticles
    limit: AnalysisLimit = field(default_factory=AnalysisLimit)
    order: LatestRequests = field(default_factory=LatestRequests)

    def analyze(
        self, raw: str, n_chars: int, before: Reading | None, upload: Upload | None,
        request: gr.Request,
    ) -> list[Any]:  # fmt: skip
        """Show the report of the text in the box."""

        def answer() -> list[Any]:
            known = _find_known(raw, before, upload)
            place = before.place if before is not None and before.text == raw else None
            return self._show(raw or "", known or raw or "", n_chars, request, place)

        return self._in_turn(request, answer, 0)

    def open_file(self, path: str | None, n_chars: int, request: gr.Request) -> list[Any]:
        """Show the report of the first article of a file."""

        def answer() -> list[Any]:
            upload = read_upload(Path(path or ""))
            first = upload.articles[0]
            chosen = [upload, first.raw, _choices(upload), _note(_describe(upload))]
            return [None, *chosen, *self._show(first.raw, first, n_chars, request)]

        try:
            if path is None:  # the drop zone was emptied
                return [gr.skip()] * (5 + _N_SHOWN)
            return self._in_turn(
                request, answer, (None, None, gr.skip(), _choices(None), _note(""))
            )
        finally:
            if path is not None:
                Path(path).unlink(missing_ok=True)

    def choose(
        self, number: int, upload: Upload | None, n_chars: int, request: gr.Request
    ) -> list[Any]:
        """Show the report of another article of the file."""

        def answer() -> list[Any]:
            if upload is None:
                raise InputError("文件已不在页面里，请重新拖入")
            article = upload.articles[number]
            return [article.raw, *self._show(article.raw, article, n_chars, request)]

        return self._in_turn(request, answer, 1)

    def restore(self, request: gr.Request) -> list[Any]:
        """Show the person's last article again, read by the model in use now."""
        last = self.lasts.find(owner_of(request))
        if last is None:
            return [gr.skip()] * _N_SHOWN

        def answer() -> list[Any]:
            article = self.place.analyses.read(owner_of(request), last.text)
            reading = self._read(last.text, article, last.n_chars, request)
            edited = reading.edit(Headline(last.title, last.date, last.source, last.place))
            return self._shown(edited, is_restored=True)

        shown = self._in_turn(request, answer, 0, is_counted=False)
        return shown if shown[0] is not None else [gr.skip()] * _N_SHOWN

    def shorten(
        self, n_chars: int, before: Reading | None, request: gr.Request
    ) -> tuple[Reading, str]:
        """Show the summary in another length."""
        known = require(before)
        report, encoded = known.report, known.analysis.encoded
        task = Task(report.article, _budget(n_chars), encoded, report.model)
        try:
            analysis = self.place.analyses.analyze(owner_of(request), task)
        except YiwenError as error:
            raise alert(error, request) from error
        reading = Reading(analysis, known.text, known.place)
        self._remember(reading, n_chars, request)
        return reading, self._head(reading)

    def edit(
        self, before: Reading | None, n_chars: int, title: str, date: str, source: str,
        place: str, request: gr.Request,
    ) -> tuple[Any, ...]:  # fmt: skip
        """Take over another title, date, source or place into all that is copied and saved."""
        if before is None:
            return gr.skip(), gr.skip()
        try:
            reading = before.edit(_headline(title, date, source, place))
        except InputError as error:
            raise alert(error, request) from error
        if reading == before:
            return gr.skip(), gr.skip()
        self._remember(reading, n_chars, request)
        return reading, self._head(reading)

    def saving(self, kind: str) -> Callable[..., dict[str, str]]:
        """Return the handler that makes a file, with what stands in the boxes above the report."""

        def save(
            before: Reading | None, title: str, date: str, source: str, place: str,
            request: gr.Request,
        ) -> dict[str, str]:  # fmt: skip
            try:
                reading = require(before).edit(_headline(title, date, source, place))
                names = self.place.names_of(reading.report)
                return file_report(reading.report, names, kind, reading.headline.place).to_dict()
            except InputError as error:
                raise alert(error, request) from error

        return save

    def send(
        self, before: Reading | None, title: str, date: str, source: str, place: str,
        request: gr.Request,
    ) -> Markup:  # fmt: skip
        """Put the article into the queue of 校正; the page's script opens it there."""
        try:
            reading = require(before).edit(_headline(title, date, source, place))
            number = send_to_correct(self.place, reading.report, request.username or "")
        except InputError as error:
            raise alert(error, request) from error
        return show_sent(number, monotonic_ns())

    def clear(self, request: gr.Request) -> list[Any]:
        """Empty the box and forget the last article."""
        self.order.begin(str(request.session_hash))
        self.lasts.forget(owner_of(request))
        return [None, "", _choices(None), _note(""), *_nothing(show_empty())]

    def _in_turn(
        self, request: gr.Request, answer: Callable[[], list[Any]],
        n_before: int | tuple[Any, ...], *, is_counted: bool = True,
    ) -> list[Any]:  # fmt: skip
        """Return an answer or its error; nothing where a later request of the session came.

        `n_before` is how many outputs come before those of the report, or what they are after an
        error.
        """
        session = str(request.session_hash)
        number = self.order.begin(session)
        kept = [gr.skip()] * n_before if isinstance(n_before, int) else [*n_before]
        try:
            if is_counted:
                self.limit.count(request.username)
            answered = answer()
        except YiwenError as error:
            answered = [*kept, *_nothing(show_error(str(error)))]
        return answered if self.order.is_latest(session, number) else [gr.skip()] * len(answered)

    def _show(
        self, text: str, wanted: str | Article, n_chars: int, request: gr.Request,
        place: str | None = None,
    ) -> list[Any]:  # fmt: skip
        reading = self._read(text, wanted, n_chars, request, place)
        self._remember(reading, n_chars, request)
        return self._shown(reading)

    def _read(
        self, text: str, wanted: str | Article, n_chars: int, request: gr.Request,
        place: str | None = None,
    ) -> Reading:  # fmt: skip
        analysis = self.place.analyses.analyze(owner_of(request), Task(wanted, _budget(n_chars)))
        if is_keeping():
            keep_record(self.place.store, analysis.report.to_dict(), request.username or "")
        return Reading(analysis, text, place)

    def _shown(self, reading: Reading, *, is_restored: bool = False) -> list[Any]:
        line = reading.headline
        body = show_body(reading.report, reading.text, is_restored=is_restored)
        boxes = (line.title, line.date, line.source, line.place)
        return [reading, self._head(reading), body, *boxes]

    def _head(self, reading: Reading) -> Markup:
        names = self.place.names_of(reading.report)
        model = title_of_model(self.place.in_use.registry, reading.report.model)
        return show_head(reading.report, names, reading.headline.place, model)

    def _remember(self, reading: Reading, n_chars: int, request: gr.Request) -> None:
        line = reading.headline
        last = LastArticle(reading.text, line.title, line.date, line.source, line.place, n_chars)
        self.lasts.keep(owner_of(request), last)


def require(reading: Reading | None) -> Reading:
    """Return the reading.

    Raises:
        InputError: there is none.
    """
    if reading is None:
        raise InputError("还没有结果，请先按“分析”")
    return reading


def _budget(n_chars: int) -> int | None:
    """The slider where it was first leaves the length to the article."""
    return None if n_chars == DEFAULT_CHARS else n_chars


def _headline(title: str, date: str, source: str, place: str) -> Headline:
    return Headline(*((text or "").strip() for text in (title, date, source, place)))


def _nothing(html: str) -> list[Any]:
    return [None, html, "", "", "", "", ""]


def _find_known(raw: str, before: Reading | None, upload: Upload | None) -> Article | None:
    """Return the article of this text, with the title and date that are known of it."""
    if before is not None and before.text == raw:
        return before.report.article
    articles = upload.articles if upload else ()
    return next((article for article in articles if article.raw == raw), None)


def _choices(upload: Upload | None) -> Update:
    articles = upload.articles if upload else ()
    labels = [
        (f"{i}. {article.title or article.text[:_LABEL_CHARS]}", i - 1)
        for i, article in enumerate(articles, 1)
    ]
    return gr.update(choices=labels, value=0 if labels else None, visible=len(labels) > 1)


def _note(html: str) -> Update:
    return gr.update(value=html, visible=bool(html))


def _describe(upload: Upload) -> str:
    parts = []
    if len(upload.articles) > 1 or upload.is_cut:
        key = "single.many_more" if upload.is_cut else "single.many"
        parts.append(both(key, n=len(upload.articles)))
    if upload.problems:
        parts.append(both("single.unread", n=len(upload.problems), reason=upload.problems[0]))
    return show_note(Markup("<br>").join(parts)) if parts else ""
