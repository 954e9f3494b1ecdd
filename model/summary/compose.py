"""Summary: the article's own sentences, shortened by whole clauses, chosen under a budget."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from model.article import Article
from model.errors import InputError
from model.names import Cast, read_cast
from model.report import Figure, Insertion, Point, Summary, Theme
from model.spans import Span
from model.summary.choice.chooser import Told
from model.summary.choose import MAX_SUPPORTS, Need, Option, Problem, choose
from model.summary.guarantees import find_fault, is_whole
from model.summary.main_figure import find_main_figure
from model.summary.naming import OWN, Names
from model.summary.openings import HEAD_SENTENCES
from model.summary.points import choose_points
from model.summary.references import find_supports
from model.summary.shorten import Version, cut_to_fit, insert, list_versions
from model.summary.worth import find_repeated

DEFAULT_CHARS, MIN_CHARS, MAX_CHARS = 150, 60, 500
# A page says more than a short piece of news: what is summarised without a budget gets this one.
PAGE_MIN_CHARS, PAGE_CHARS = 2_000, 250
MAX_ROWS = 14  # sentences that are looked at, the likeliest first


# What a character of a summary costs, as a share of one that is told; chosen on picked summaries
# that no head had seen, by what of them is told.
PRICE = 0.05
# What a summary that names somebody may be worth less than one that names nobody.
NAMED_SHARE = 0.6
_WHO = "who"
_STOPPED = re.compile(r"[。！？；，、：…”’）》]$")


def summarise(
    article: Article,
    told: Told,
    themes: Sequence[Theme],
    figures: Sequence[Figure],
    max_chars: int = DEFAULT_CHARS,
    cast: Cast | None = None,
) -> Summary:
    """Summarise an article, and each accepted theme.

    Every character comes from the article, in its order.

    Args:
        article: the article.
        told: what a summary is likely to tell, see `Chooser`.
        themes: the accepted themes, best first, with their evidence.
        figures: the key figures.
        max_chars: the budget, for the article's summary and for each theme's.
        cast: who the article is about; read from it where there is none.
    """
    desk = _Desk(article, told, figures, max_chars, cast or read_cast(article))
    summary = desk.write(range(len(article.sentences)))
    by_theme = {theme.theme: desk.write(desk.rows_of(theme.evidence)) for theme in themes}
    main = find_main_figure(figures, told, summary)
    points = desk.list_points(figures)
    return replace(summary, main_figure=main, by_theme=by_theme, points=points)


def default_chars(article: Article) -> int:
    """Return the budget of an article for which none was asked."""
    return PAGE_CHARS if len(article.text) > PAGE_MIN_CHARS else DEFAULT_CHARS


def check_budget(max_chars: int) -> None:
    """Refuse a budget that no summary can be made for.

    Raises:
        InputError: it is not from 60 to 500.
    """
    if not MIN_CHARS <= max_chars <= MAX_CHARS:
        raise InputError(f"摘要字数应在 {MIN_CHARS} 到 {MAX_CHARS} 之间，给的是 {max_chars}")


class _Desk:
    """One article's sentences with their options, each made when it is asked for."""

    def __init__(
        self,
        article: Article,
        told: Told,
        figures: Sequence[Figure],
        max_chars: int,
        cast: Cast,
    ) -> None:
        self._article, self._told, self._max_chars = article, told, max_chars
        self._figures: dict[int, list[Span]] = defaultdict(list)
        for figure in figures:
            self._figures[self._row(figure.span)].append(figure.span)
        self._words = [sentence.of(article.text) for sentence in article.sentences]
        self._names = Names(article, cast)
        self._made: dict[int, list[Option]] = {}

    def rows_of(self, spans: Sequence[Span]) -> list[int]:
        """The numbers of sentences."""
        return [self._row(span) for span in spans]

    def write(self, rows: Sequence[int]) -> Summary:
        """Choose among sentences and put the choice in the order of the text."""
        best = sorted(rows, key=lambda row: -self._told.of(self._article.sentences[row]))
        options = {row: self._options(row) for row in best[:MAX_ROWS]}
        needed = {
            row
            for some in options.values()
            for option in some
            for need in option.needs
            for row in sorted(need.rows)[-MAX_SUPPORTS:]
        }
        options |= {row: self._options(row) for row in needed - options.keys()}
        problem = Problem(options, find_repeated(self._article, options), self._max_chars)
        choice = choose(problem, ())
        if not any(_WHO in option.carries for option in choice.taken.values()):
            named = choose(problem, (_WHO,))
            choice = named if named.gain > NAMED_SHARE * choice.gain else choice
        taken = [option.version for _, option in sorted(choice.taken.items())]
        if choice.taken.keys().isdisjoint(rows):  # names without what they are for
            taken = [self._cut(best)]
        return self._join(taken)

    def list_points(self, figures: Sequence[Figure]) -> tuple[Point, ...]:
        """The main facts, a line each; the rows are those that the summary was chosen from."""
        return choose_points(self._made, self._article, figures)

    def _cut(self, best: Sequence[int]) -> Version:
        """Return what stands where none of the likeliest may.

        Another sentence that may, one that is whole at least, or the start of the best.
        """
        text = self._article.text
        for row in best:
            for option in self._options(row):
                if not option.needs and option.version.n_chars <= self._max_chars:
                    return option.version
        for row in best[:MAX_ROWS]:
            for version in self._list_versions(row):
                if version.n_chars <= self._max_chars and is_whole(
                    version.excerpt.read(text), text
                ):
                    return version
        return cut_to_fit(text, self._article.sentences[best[0]], self._max_chars)

    def _join(self, taken: Sequence[Version]) -> Summary:
        pieces = [version.excerpt.read(self._article.text) for version in taken]
        spaced = _space(pieces)
        text = spaced if len(spaced) <= self._max_chars else "".join(pieces)
        return Summary(text, tuple(version.excerpt for version in taken))

    def _options(self, row: int) -> list[Option]:
        if row not in self._made:
            self._made[row] = [
                option for version in self._versions(row) for option in self._list(row, version)
            ]
        return self._made[row]

    def _versions(self, row: int) -> Iterator[Version]:
        text = self._article.text
        if not self._article.may_speak(row):
            return
        for version in self._list_versions(row):
            if find_fault(version.excerpt.read(text), text) is None:
                yield version

    def _list_versions(self, row: int) -> list[Version]:
        return list_versions(
            self._article.text,
            self._article.sentences[row],
            self._figures.get(row, ()),
            self._names.find_names(row),
            near_head=row < HEAD_SENTENCES,
        )

    def _list(self, row: int, version: Version) -> Iterator[Option]:
        """A version as it is, with what it needs, and with names put in instead."""
        words = version.excerpt.read(self._article.text)
        supports = find_supports(words, row, self._words)
        resolved = self._resolve(row, version)
        if resolved is None or (supports is not None and not supports):
            return
        needs, insertions = resolved
        own = () if supports is None else (Need(supports),)
        carries = frozenset({_WHO}) if self._names_someone(row, version) else frozenset()
        yield Option(row, version, words, self._gain(version), (*own, *needs), carries)
        if insertions:
            whole = insert(version, insertions)
            words = whole.excerpt.read(self._article.text)
            yield Option(row, whole, words, self._gain(whole), own, frozenset({_WHO}))

    def _names_someone(self, row: int, version: Version) -> bool:
        kept = version.excerpt.kept
        return any(
            span.start <= name.start and name.end <= span.end
            for name in self._names.find_names(row)
            for span in kept
        )

    def _resolve(self, row: int, version: Version) -> tuple[list[Need], list[Insertion]] | None:
        """What must name what the pointers stand for, and the names put in instead.

        None where a pointer stands for nothing that is named.
        """
        needs: list[Need] = []
        insertions: list[Insertion] = []
        text, kept = self._article.text, version.excerpt.kept
        for pointer in self._names.find_pointers(row):
            if not any(span.start <= pointer.start < span.end for span in kept):
                continue
            name = self._names.resolve(pointer)
            if name is None and text[pointer.start] in OWN:
                return None
            if name is None:
                continue
            before = "".join(text[s.start : min(s.end, pointer.start)] for s in kept)
            if name not in before:
                rows = frozenset(j for j in range(row) if name in self._words[j])
                needs.append(Need(rows, name))
                insertions.append(Insertion(pointer.end, f"（{name}）"))
        return needs, insertions

    def _gain(self, version: Version) -> float:
        gain = sum(self._told.of(span) for span in version.excerpt.kept)
        return gain - PRICE * version.n_chars

    def _row(self, span: Span) -> int:
        """The sentence in which a span begins."""
        return bisect_right(self._article.sentences, span.start, key=lambda s: s.start) - 1


def _space(pieces: Sequence[str]) -> str:
    """Join sentences, with a blank behind each that no mark of punctuation ends."""
    spaced = [piece if _STOPPED.search(piece) else f"{piece} " for piece in pieces[:-1]]
    return "".join([*spaced, *pieces[-1:]])
