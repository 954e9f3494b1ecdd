"""Summary: the article's own sentences, shortened by whole clauses, chosen under a budget."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from model.article import Article
from model.encoder import EncodedArticle
from model.errors import InputError
from model.report import Excerpt, Figure, Summary, Theme
from model.spans import Span
from model.summary.choose import Choice, Problem, choose
from model.summary.main_figure import find_main_figure
from model.summary.openings import HEAD_SENTENCES, find_openings
from model.summary.shorten import Version, cut_to_fit, list_versions
from model.summary.worth import Weights, weigh

DEFAULT_CHARS, MIN_CHARS, MAX_CHARS = 150, 60, 500
WEIGHTS = Weights()
_SENTENCE_END = re.compile(r"[。！？]")
_STOPPED = re.compile(r"[。！？；，、：…”’）》]$")


def summarise(
    article: Article,
    encoded: EncodedArticle,
    themes: Sequence[Theme],
    figures: Sequence[Figure],
    max_chars: int = DEFAULT_CHARS,
    weights: Weights = WEIGHTS,
) -> Summary:
    """Summarise an article, and each accepted theme.

    Every character comes from the article, in its order. Each theme has a sentence of its
    evidence in the summary, and the main figure is in it, as far as the budget allows.

    Args:
        article: the article.
        encoded: the encoder's view of it.
        themes: the accepted themes, best first, with their evidence.
        figures: the key figures.
        max_chars: the budget, for the article's summary and for each theme's.
        weights: weights of the objective.
    """
    figures = _outside_headline(article, figures)
    rows = [_row(article, figure.span) for figure in figures]
    held: dict[int, list[Span]] = defaultdict(list)
    for row, figure in zip(rows, figures, strict=True):
        held[row].append(figure.span)
    versions = {
        i: list_versions(article.text, s, held.get(i, ()), near_head=i < HEAD_SENTENCES)
        for i, s in enumerate(article.sentences)
    }
    whole = [versions[i][0] for i in versions]
    if not _SENTENCE_END.search(article.text):
        _add_openings(article, versions, max_chars)
    evidence = [frozenset(_row(article, span) for span in theme.evidence) for theme in themes]
    worth = weigh(article, encoded, whole, evidence, rows, weights)
    main = find_main_figure(figures, rows, worth)
    wanted = list(evidence)
    if main is not None:
        row = _row(article, main.span)
        versions[row] = [v for v in versions[row] if _keeps(v, main.span)] or versions[row]
        wanted.append(frozenset((row,)))
    problem = Problem(versions, worth, weights, max_chars)
    summary = _write(article, problem, choose(problem, wanted))
    by_theme = {
        theme.theme: _summarise_theme(article, problem, carriers)
        for theme, carriers in zip(themes, evidence, strict=True)
    }
    return replace(summary, main_figure=main, by_theme=by_theme)


def check_budget(max_chars: int) -> None:
    """Refuse a budget that no summary can be made for.

    Raises:
        InputError: it is not from 60 to 500.
    """
    if not MIN_CHARS <= max_chars <= MAX_CHARS:
        raise InputError(f"摘要字数应在 {MIN_CHARS} 到 {MAX_CHARS} 之间，给的是 {max_chars}")


def _summarise_theme(article: Article, problem: Problem, evidence: frozenset[int]) -> Summary:
    own = replace(problem, versions={i: problem.versions[i] for i in sorted(evidence)})
    return _write(article, own, choose(own, [evidence]))


def _write(article: Article, problem: Problem, choice: Choice) -> Summary:
    """Put the choice in the order of the text; where nothing fits, cut the best sentence."""
    taken = [version for _, version in sorted(choice.taken.items())]
    if not taken:
        best = max(problem.versions, key=lambda i: float(problem.worth.total[i]))
        taken = [cut_to_fit(article.text, article.sentences[best], problem.max_chars)]
    kept = [span for version in taken for span in version.excerpt.kept]
    text = "".join(span.of(article.text) for span in kept)
    spaced = _space(article, [version.excerpt for version in taken])
    text = spaced if len(spaced) <= problem.max_chars else text
    return Summary(text, tuple(version.excerpt for version in taken))


def _space(article: Article, excerpts: Sequence[Excerpt]) -> str:
    """Join excerpts, with a blank behind each that no mark of punctuation ends."""
    pieces = ["".join(span.of(article.text) for span in excerpt.kept) for excerpt in excerpts]
    spaced = [piece if _STOPPED.search(piece) else f"{piece} " for piece in pieces[:-1]]
    return "".join([*spaced, *pieces[-1:]])


def _add_openings(article: Article, versions: dict[int, list[Version]], max_chars: int) -> None:
    """In a text without sentences, the start of what is too long may stand for all of it."""
    for row, sentence in enumerate(article.sentences):
        if min(version.n_chars for version in versions[row]) > max_chars:
            versions[row].append(cut_to_fit(article.text, sentence, max_chars))


def _outside_headline(article: Article, figures: Sequence[Figure]) -> Sequence[Figure]:
    """Leave out figures of a headline glued to a sentence, unless there are no others."""
    headlines = [
        Span(sentence.start + cut.start, sentence.start + cut.end)
        for row, sentence in enumerate(article.sentences)
        for cut, _ in find_openings(sentence.of(article.text), near_head=row < HEAD_SENTENCES)
    ]
    inside = [any(h.start <= f.span.start < h.end for h in headlines) for f in figures]
    others = [figure for figure, is_inside in zip(figures, inside, strict=True) if not is_inside]
    return others or figures


def _row(article: Article, span: Span) -> int:
    """The sentence in which a span begins."""
    return bisect_right(article.sentences, span.start, key=lambda s: s.start) - 1


def _keeps(version: Version, span: Span) -> bool:
    kept = version.excerpt.kept
    return any(part.start <= span.start and span.end <= part.end for part in kept)
