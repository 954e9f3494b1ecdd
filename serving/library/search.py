"""Search in the library: words and filters in, articles with the passage lit out."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from model import InputError
from model.validation import ContentError, validate
from serving.home.library_tables import LibraryArticleRow
from serving.library.articles import ArticleFilter, head_of
from serving.library.search_index import Show, open_index
from serving.library.words import WordQuery, find_places, fold, parse_words

# A common word matches most of a library: of so many newest articles the best are shown.
MAX_RANKED = 1000
_K1, _B, _TITLE_WEIGHT = 1.2, 0.75, 4
_PER_QUERY = 500
_BEFORE, _AFTER = 30, 90
_ENDS = "。！？\n"


@dataclass(frozen=True)
class SearchQuery:
    """Words and filters; `indicator` is looked for among the indicators of key figures."""

    words: str = ""
    indicator: str = ""
    wanted: ArticleFilter = field(default_factory=ArticleFilter)

    def dump(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def load(cls, content: str) -> SearchQuery:
        """Read what `dump` wrote.

        Raises:
            InputError: it is of another release.
        """
        try:
            return validate(cls, json.loads(content))
        except (ContentError, ValueError):
            raise InputError("这个搜索由别的版本存下，读不懂，请重新保存") from None


@dataclass(frozen=True)
class Passage:
    """Part of a text; `lit` are the offsets in `text` of the words that were searched for."""

    text: str
    lit: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Hit:
    """An article that was found."""

    number: int
    title: str
    day: str
    source: str
    themes: tuple[str, ...]
    passage: Passage
    head: str = ""


@dataclass(frozen=True)
class Hits:
    """The best articles; `n_found` counts all, `is_more` says that there are more than counted."""

    hits: tuple[Hit, ...]
    n_found: int
    is_more: bool


def search(
    store: Engine, query: SearchQuery, limit: int = 20, offset: int = 0, show: Show | None = None
) -> Hits:
    """Return the articles that hold all words, by BM25; without words the newest.

    Raises:
        InputError: nothing can be searched for.
    """
    words = parse_words(query.words)
    with open_index(store, show) as index:
        near = find_candidates(index, query, MAX_RANKED + 1)
    numbers = rank(store, near[:MAX_RANKED], words)
    shown = numbers[offset : offset + limit]
    return Hits(_describe(store, shown, words), len(numbers), len(near) > MAX_RANKED)


def find_numbers(
    store: Engine, index: sqlite3.Connection, query: SearchQuery, after: int = 0
) -> list[int]:
    """Return the numbers of all articles that are found, best first; only those above `after`."""
    near = find_candidates(index, query, after=after)
    return rank(store, near, parse_words(query.words))


def find_candidates(
    index: sqlite3.Connection, query: SearchQuery, limit: int = -1, after: int = 0
) -> list[int]:
    """Return the newest articles that fulfil the filters and have every pair of the words.

    Args:
        index: an open index.
        query: what is searched for.
        limit: how many at most; -1 for all.
        after: articles with this number or an older one are left out.
    """
    conditions, values = _condition(query)
    if after:
        conditions.append("facts.article > ?")
        values.append(after)
    words = parse_words(query.words).match
    if words:  # joined, so that the newest are reached without reading all that match
        source = "words JOIN facts ON facts.article = words.rowid"
        conditions.insert(0, "words MATCH ?")
        values.insert(0, words)
        order = "words.rowid DESC"
    else:
        source, order = "facts", "day DESC, article DESC"
    where = " AND ".join(conditions) or "1"
    chosen = f"SELECT facts.article FROM {source} WHERE {where} ORDER BY {order} LIMIT ?"  # noqa: S608
    return [row[0] for row in index.execute(chosen, (*values, limit))]


def rank(store: Engine, numbers: Sequence[int], words: WordQuery) -> list[int]:
    """Return the articles that hold the words, best first by BM25, the newest among equals."""
    if not words.words:
        return list(numbers)
    held = [(n, text) for n, text in _read_folded(store, numbers) if words.takes(text)]
    if not held:
        return []
    mean = sum(len(text) for _, text in held) / len(held)
    scores = [(_score(text, words, mean), number) for number, text in held]
    return [number for _, number in sorted(scores, reverse=True)]


def _read_folded(store: Engine, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield the folded texts of articles; a title counts as often as its weight says."""
    row = LibraryArticleRow
    with Session(store) as session:
        for at in range(0, len(numbers), _PER_QUERY):
            part = numbers[at : at + _PER_QUERY]
            chosen = select(row.id, row.title, row.text).where(col(row.id).in_(part))
            for number, title, text in session.exec(chosen):
                head = f"{title}\n" * _TITLE_WEIGHT if title else ""
                yield int(number or 0), fold(head + text)


def _score(text: str, words: WordQuery, mean_chars: float) -> float:
    """Return BM25 (Robertson, 1994) without the rarity of words, which all that are found hold."""
    damping = _K1 * (1 - _B + _B * len(text) / mean_chars)
    counts = (text.count(word) for word in words.words)
    return sum(n * (_K1 + 1) / (n + damping) for n in counts)


def find_passage(text: str, words: Sequence[str]) -> Passage:
    """Return the part of a text where most of the words stand together, or its beginning."""
    places = find_places(text, words)
    if not places:
        return Passage(text[: _BEFORE + _AFTER].replace("\n", " "), ())
    best = max(places, key=lambda place: (_count_near(text, places, place[0]), -place[0]))
    start = max(0, best[0] - _BEFORE)
    sentence = max(text.rfind(end, start, best[0]) for end in _ENDS)
    start = max(start, sentence + 1)
    stop = min(len(text), max(best[1], best[0] + _AFTER))
    lit = tuple((a - start, b - start) for a, b in places if start <= a and b <= stop)
    return Passage(text[start:stop].replace("\n", " "), lit)


def _count_near(text: str, places: Iterable[tuple[int, int]], start: int) -> int:
    near = (fold(text[a:b]) for a, b in places if start <= a and b <= start + _AFTER)
    return len(set(near))


def _condition(query: SearchQuery) -> tuple[list[str], list[object]]:
    """Return what the facts of an article must fulfil, and the values of it."""
    wanted = query.wanted
    head = _escape(wanted.place)
    indicator = parse_words(query.indicator).match
    given: tuple[tuple[str, str, list[object]], ...] = (
        (wanted.since, "facts.day >= ?", [wanted.since]),
        (wanted.until, "facts.day <= ?", [wanted.until]),
        (wanted.theme, "instr(facts.themes, ?)", [f"|{wanted.theme}|"]),
        (wanted.source, "instr(facts.source, ?)", [wanted.source]),
        (wanted.place, "(facts.place LIKE ? ESCAPE '!' OR instr(facts.place_path, ?))",
         [f"{head}%", wanted.place]),
        (indicator, "facts.article IN (SELECT rowid FROM terms WHERE terms MATCH ?)", [indicator]),
    )  # fmt: skip
    conditions = [condition for text, condition, _ in given if text]
    return conditions, [value for text, _, own in given if text for value in own]


def _escape(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _describe(store: Engine, numbers: Sequence[int], words: WordQuery) -> tuple[Hit, ...]:
    row = LibraryArticleRow
    with Session(store) as session:
        found = {r.id: r for r in session.exec(select(row).where(col(row.id).in_(numbers)))}
    return tuple(_hit(found[number], words) for number in numbers if number in found)


def _hit(row: LibraryArticleRow, words: WordQuery) -> Hit:
    themes = tuple(theme for theme in row.themes.split("|") if theme)
    passage = find_passage(row.text, words.words)
    head = head_of(row.text)
    return Hit(int(row.id or 0), row.title, row.day, row.source, themes, passage, head)
