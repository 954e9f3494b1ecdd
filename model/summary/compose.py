"""Summary: the article's own sentences, shortened by whole clauses, chosen under a budget."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from model.article import Article
from model.errors import InputError
from model.names import Cast, read_cast
from model.report import Figure, Summary, Theme
from model.summary.choice.chooser import Told
from model.summary.choose import MAX_SUPPORTS, Choice, Option, Problem, choose
from model.summary.desk import WHO, Desk
from model.summary.main_figure import find_main_figure
from model.summary.parts import OPENING, find_parts
from model.summary.points import choose_points
from model.summary.shorten import Version
from model.summary.worth import find_repeated

DEFAULT_CHARS, MIN_CHARS, MAX_CHARS = 150, 60, 500
# A page says more than a short piece of news: what is summarised without a budget gets this one.
PAGE_MIN_CHARS, PAGE_CHARS = 2_000, 250
MAX_ROWS = 10  # sentences that are looked at, the likeliest first
# How much of an equal share of the budget the opening and a part may take.
_OPENING_SHARE, _PART_SHARE = 2.4, 1.6
# What a figure or a theme makes a sentence of a page worth, and what somebody's story is worth.
_FIGURE_SHARE, _THEME_SHARE, _SIDE_SHARE = 2.0, 1.5, 0.2
_PART_ROWS = 6  # sentences of each part of a page that are looked at

# What a summary that names somebody may be worth less than one that names nobody.
NAMED_SHARE = 0.6
# What a summary that tells each part of a page may be worth less than one that does not.
PARTS_SHARE = 0.4
# What a report warns of where no sentence of a text may stand: none is better than a broken one.
NO_SUMMARY = "原文没有一句能单独成立，未写摘要：请通读原文后人工摘写"
_STOPPED = re.compile(r"[。！？；，、：…”’）》]$")


@dataclass(frozen=True)
class Parts:
    """What of a page is to be told: the rows of each part by its name, and those with a theme."""

    rows: Mapping[str, frozenset[int]] = field(default_factory=dict)
    carrying: frozenset[int] = frozenset()


def summarise(
    article: Article,
    told: Told,
    themes: Sequence[Theme],
    figures: Sequence[Figure],
    max_chars: int = DEFAULT_CHARS,
    cast: Cast | None = None,
) -> Summary:
    """Summarise an article, and each accepted theme.

    Every character comes from the article, in its order, but for names put in brackets. The summary
    is empty where no sentence of the article may stand by itself.

    Args:
        article: the article.
        told: what a summary is likely to tell, see `Chooser`.
        themes: the accepted themes, best first, with their evidence.
        figures: the key figures.
        max_chars: the budget, for the article's summary and for each theme's.
        cast: who the article is about; read from it where there is none.
    """
    desk = Desk(article, told, figures, cast or read_cast(article))
    evidence = {theme.theme: desk.rows_of(theme.evidence) for theme in themes}
    carrying = frozenset(row for rows in evidence.values() for row in rows)
    is_page = max_chars > DEFAULT_CHARS and len(article.text) > PAGE_MIN_CHARS
    parts = Parts(find_parts(article, carrying), carrying) if is_page else Parts()
    summary = _write(desk, range(len(article.sentences)), max_chars, parts)
    by_theme = {theme: _write(desk, rows, max_chars, Parts()) for theme, rows in evidence.items()}
    main = find_main_figure(figures, told, summary)
    return replace(
        summary, main_figure=main, by_theme=by_theme, points=choose_points(desk, figures)
    )


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


def _write(desk: Desk, rows: Sequence[int], max_chars: int, parts: Parts) -> Summary:
    """Choose among sentences and put the choice in the order of the text.

    Args:
        desk: the article's options.
        rows: the sentences' numbers.
        max_chars: the budget.
        parts: what is to be told of each part of a page.
    """
    best = desk.rank(rows)
    choice = _choose(desk, best, max_chars, parts)
    while desk.find_seams(choice.taken):
        choice = _choose(desk, best, max_chars, parts)
    taken = [option.version for _, option in sorted(choice.taken.items())]
    if choice.taken.keys().isdisjoint(rows):  # names without what they are for
        taken = _take_any(desk, best, max_chars)
    return _join(desk.article.text, taken, max_chars)


def _choose(desk: Desk, best: Sequence[int], max_chars: int, parts: Parts) -> Choice:
    looked_at = [*best[:MAX_ROWS]]
    for own in parts.rows.values():
        looked_at += [row for row in best if row in own][:_PART_ROWS]
    options = {row: desk.options(row) for row in looked_at}
    needed = {
        row
        for some in options.values()
        for option in some
        for need in option.needs
        for row in sorted(need.rows)[-MAX_SUPPORTS:]
    }
    options |= {row: desk.options(row) for row in needed - options.keys()}
    problem = Problem(
        options,
        find_repeated({row: own[0].words for row, own in options.items() if own}),
        max_chars,
    )
    choice = choose(problem, ())
    if not any(WHO in option.carries for option in choice.taken.values()):
        named = choose(problem, (WHO,))
        choice = named if named.gain > NAMED_SHARE * choice.gain else choice
    if parts.rows:
        by_part = _tell_parts(desk, problem, parts)
        choice = by_part if by_part.gain > PARTS_SHARE * choice.gain else choice
    return choice


def _tell_parts(desk: Desk, problem: Problem, parts: Parts) -> Choice:
    """Choose a sentence of each part, those of most worth first.

    It names a body or place, rather carries a theme or a figure, and tells no person's story;
    the opening names somebody whom the page names elsewhere too.
    """
    share = problem.max_chars / len(parts.rows)

    def mark(option: Option) -> Option:
        own = {name for name, rows in parts.rows.items() if option.row in rows}
        if WHO not in option.carries or desk.tells_of_person(option):
            return replace(option, gain=option.gain * _SIDE_SHARE)
        if not desk.names_repeatedly(option) or option.version.n_chars > _OPENING_SHARE * share:
            own.discard(OPENING)
        if option.version.n_chars > _PART_SHARE * share:
            own &= {OPENING}
        gain = option.gain * (_FIGURE_SHARE if desk.has_figure(option) else 1)
        gain *= _THEME_SHARE if option.row in parts.carrying else 1
        return replace(option, carries=option.carries | own, gain=gain)

    options = {row: [mark(option) for option in some] for row, some in problem.options.items()}
    worth = {
        name: max((o.gain for row in rows for o in options.get(row, ())), default=0.0)
        for name, rows in parts.rows.items()
    }
    wanted = sorted(parts.rows, key=lambda name: (name != OPENING, -worth[name]))
    return choose(replace(problem, options=options), wanted)


def _take_any(desk: Desk, best: Sequence[int], max_chars: int) -> list[Version]:
    """Return another sentence that may stand where none of the likeliest may; empty without one."""
    for row in best:
        desk.find_seams([row])
        for option in desk.options(row):
            if not option.needs and option.version.n_chars <= max_chars:
                return [option.version]
    return []


def _join(text: str, taken: Sequence[Version], max_chars: int) -> Summary:
    pieces = [version.excerpt.read(text) for version in taken]
    spaced = _space(pieces)
    words = spaced if len(spaced) <= max_chars else "".join(pieces)
    return Summary(words, tuple(version.excerpt for version in taken))


def _space(pieces: Sequence[str]) -> str:
    """Join sentences, with a blank behind each that no mark of punctuation ends."""
    spaced = [piece if _STOPPED.search(piece) else f"{piece} " for piece in pieces[:-1]]
    return "".join([*spaced, *pieces[-1:]])
