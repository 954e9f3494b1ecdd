"""单篇 in HTML: a report, made by templates that escape every text.

What `page.js` acts on is named in `data-` attributes: `data-theme` of a chip, `data-evidence` of a
sentence (the themes it carries), `data-figure` of a row and of its place in the article,
`data-copy` of what goes to the clipboard, `data-text` of the text of the box that the result is of.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from markupsafe import Markup

from model import Article, Report, Span, Summary
from model.article import removed_spans
from model.summary import PAGE_MIN_CHARS
from serving.output.clipboard import Copy, copy_all, copy_figures
from serving.output.tables import MIN_POINTS, table_figures
from serving.page.templates import render

_EXAMPLES_FOLDER = Path(__file__).parents[1] / "examples"
_N_TONES = 6
_HEADINGS = frozenset({"title", "heading", "subheading"})


@dataclass(frozen=True)
class _Theme:
    """An accepted theme; `tone` is the number of its colour."""

    key: str
    name: str
    tone: int


@dataclass(frozen=True)
class _Chip:
    """A theme with its score; `tone` is used only if the theme is accepted."""

    key: str
    name: str
    tone: int
    percent: str
    is_accepted: bool
    is_primary: bool
    is_in_review: bool


@dataclass(frozen=True)
class _SummaryPiece:
    """Text of a summary; `rule` is the rule that cut it, None for kept text and names put in."""

    text: str
    rule: str | None = None
    is_inserted: bool = False


@dataclass(frozen=True)
class _ShownSummary:
    pieces: tuple[_SummaryPiece, ...]
    n_chars: int
    n_cuts: int


@dataclass(frozen=True)
class _ThemeSummary:
    key: str
    name: str
    tone: int
    n_evidence: int
    summary: _ShownSummary


@dataclass(frozen=True)
class _TextPiece:
    """Text of the article; `figure` is the start of the figure that it prints."""

    text: str
    figure: int | None = None


@dataclass(frozen=True)
class _Sentence:
    """A sentence, or the gap between two, with the themes that it carries."""

    pieces: tuple[_TextPiece, ...]
    carried: tuple[_Theme, ...] = ()


@dataclass(frozen=True)
class _Paragraph:
    """Sentences of one block; `kind` is the block's, empty where that is unknown."""

    sentences: list[_Sentence]
    kind: str = ""

    @property
    def is_heading(self) -> bool:
        return self.kind in _HEADINGS


@dataclass(frozen=True)
class _OriginalPiece:
    text: str
    is_removed: bool


def read_examples() -> dict[str, str]:
    """Return the worked examples, by name; they were written for this project."""
    return {p.stem: p.read_text(encoding="utf-8") for p in sorted(_EXAMPLES_FOLDER.glob("*.txt"))}


def show_empty() -> Markup:
    """Return the first help, shown before there is a result."""
    return render("single/empty.html.j2")


def show_folded() -> Markup:
    """Return the line that stands for the box while it is folded."""
    return render("single/folded.html.j2")


def show_copy(copy: Copy) -> Markup:
    """Return content of the clipboard as HTML."""
    return render("single/clipboard.html.j2", copy=copy)


def show_head(report: Report, names: Mapping[str, str], place: str = "", model: str = "") -> Markup:
    """Return the upper part of a result: warnings, themes and the model, summaries, points."""
    copy = copy_all(report, names, place)
    points = report.summary.points
    return render(
        "single/head.html.j2",
        warnings=report.warnings,
        model=model or report.model,
        has_themes=bool(report.themes),
        chips=_chips(report, names),
        whole=_show_summary(report.summary, report.article.text),
        theme_summaries=_theme_summaries(report),
        points=points if len(points) >= MIN_POINTS else (),
        is_long=len(report.article.text) > PAGE_MIN_CHARS,
        copy=copy,
        copy_html=show_copy(copy),
    )


def show_body(report: Report, text: str = "", *, is_restored: bool = False) -> Markup:
    """Return the lower part of a result: figures beside the article, and the original text.

    Args:
        report: the report.
        text: what is in the box.
        is_restored: whether the box is empty as yet and gets the text from here.
    """
    record = report.to_dict()
    figures = [{**f, "base_value": _base_value(f)} for f in table_figures(record["figures"])]
    themes = tuple(_Theme(t.theme, t.name, _tone(report, t.theme)) for t in report.themes)
    original = _original(report.article)
    copy = copy_figures(report)
    return render(
        "single/body.html.j2",
        text=_as_in_a_box(text),
        is_restored=is_restored,
        figures=figures,
        has_base_values=any(figure["base_value"] for figure in figures),
        has_bodies=any(figure["body"] for figure in figures),
        paragraphs=_paragraphs(report, themes, record.get("blocks") or ()),
        original=original,
        n_removed=sum(piece.is_removed for piece in original),
        copy=copy,
        copy_html=show_copy(copy),
    )


def _chips(report: Report, names: Mapping[str, str]) -> list[_Chip]:
    """Return accepted themes first, each group by its score."""
    accepted = {theme.theme for theme in report.themes}
    shown = report.shown or report.scores
    return [
        _Chip(
            key, names[key], _tone(report, key), _percent(shown[key]),
            key in accepted, key == report.primary, key in report.review,
        )
        for key in sorted(names, key=lambda k: (k not in accepted, -shown[k]))
    ]  # fmt: skip


def _percent(score: float) -> str:
    """No score is certain: nothing is shown as 100 or 0 percent."""
    return f"{min(max(score, 0.01), 0.99):.0%}"


def _theme_summaries(report: Report) -> list[_ThemeSummary]:
    """Return the summaries of themes, which take the article's place when chosen."""
    by_theme, text = report.summary.by_theme, report.article.text
    return [
        _ThemeSummary(
            theme.theme, theme.name, _tone(report, theme.theme), len(theme.evidence),
            _show_summary(by_theme[theme.theme], text),
        )
        for theme in report.themes
        if theme.theme in by_theme
    ]  # fmt: skip


def _show_summary(summary: Summary, text: str) -> _ShownSummary:
    pieces: list[_SummaryPiece] = []
    for excerpt in summary.sentences:
        kept = [
            (span.start, _SummaryPiece(words, None, is_inserted=is_inserted))
            for span in excerpt.kept
            for words, is_inserted in excerpt.pieces(span, text)
        ]
        cuts = [
            (cut.span.start, _SummaryPiece(cut.span.of(text), cut.rule)) for cut in excerpt.cuts
        ]
        in_order = sorted([*kept, *cuts], key=lambda piece: piece[0])
        pieces += [piece for _, piece in in_order]
    n_cuts = sum(len(excerpt.cuts) for excerpt in summary.sentences)
    return _ShownSummary(tuple(pieces), len(summary.text), n_cuts)


def _base_value(figure: Mapping[str, Any]) -> str:
    """Return the value in base units; nothing if it is as printed, or doubtful."""
    if figure["doubtful"]:
        return ""
    number = _number(figure["value"])
    is_same = number.replace(",", "") + figure["unit"] == figure["text"]
    return "" if is_same else f"{figure['bound']}{number} {figure['unit']}"


def _number(value: float | list[float]) -> str:
    if isinstance(value, list):
        return "–".join(map(_number, value))
    return f"{value:,}"


def _as_in_a_box(text: str) -> str:
    """Return a text as a box of the browser holds it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _paragraphs(
    report: Report, themes: tuple[_Theme, ...], blocks: Sequence[Mapping[str, Any]]
) -> list[_Paragraph]:
    """Return sentences and the gaps between them, by lines and blocks."""
    text, end, kind = report.article.text, 0, ""
    starts = [block["start"] for block in blocks]
    paragraphs = [_Paragraph([])]
    evidence = {theme.theme: theme.evidence for theme in report.themes}
    for sentence in report.article.sentences:
        gap = text[end : sentence.start]
        number = bisect_right(starts, sentence.start) - 1
        is_new = "\n" in gap or (number >= 0 and starts[number] >= end > 0)
        if is_new or not end:
            kind = blocks[number]["kind"] if number >= 0 else _kind_of(report, sentence)
            paragraphs.append(_Paragraph([], kind))
        elif gap:
            paragraphs[-1].sentences.append(_Sentence((_TextPiece(gap),)))
        carried = tuple(theme for theme in themes if sentence in evidence[theme.key])
        paragraphs[-1].sentences.append(_Sentence(_pieces(report, sentence), carried))
        end = sentence.end
    return paragraphs[1:]


def _kind_of(report: Report, sentence: Span) -> str:
    """Return the kind of a line where the report has no blocks: all that is known is the title."""
    title = report.article.title
    return "title" if title and sentence.of(report.article.text).strip() == title else ""


def _pieces(report: Report, sentence: Span) -> tuple[_TextPiece, ...]:
    """Return a sentence in pieces, each figure one of its own."""
    text = report.article.text
    pieces, end = [], sentence.start
    for figure in report.figures:
        span = figure.span
        if end <= span.start and span.end <= sentence.end:
            pieces += [_TextPiece(text[end : span.start]), _TextPiece(span.of(text), span.start)]
            end = span.end
    return (*pieces, _TextPiece(text[end : sentence.end]))


def _original(article: Article) -> list[_OriginalPiece]:
    """Return the original text in pieces, marking those that cleaning removed."""
    removed = [span for span in removed_spans(article) if span.of(article.raw).strip()]
    edges = [0, *(edge for span in removed for edge in (span.start, span.end)), len(article.raw)]
    return [
        _OriginalPiece(article.raw[start:end], number % 2 == 1)
        for number, (start, end) in enumerate(pairwise(edges))
    ]


def _tone(report: Report, key: str) -> int:
    """Each theme has a colour by its place in the model's list."""
    return list(report.scores).index(key) % _N_TONES
