"""Context: what a clause is in its document: its words among others', its block, names and days."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

import numpy as np

from model.arrays import FloatArray, IntArray
from model.article import Article
from model.encoder import EncodedArticle
from model.names import Cast
from model.spans import Span
from model.summary.choice.clauses import Clause
from model.summary.parts import heading_of

_WORDS = ("words told again", "words told often", "new words", "shared with opening", "digits")
_OUTLINE = (
    "may speak", "list item", "quotation", "under a heading", "first under heading",
    "shared with heading", "inside quotes",
)  # fmt: skip
_NAMES = (
    "names", "new name", "main body", "main place", "sentence names its subject",
    "subject is elsewhere", "subject is the main body",
)  # fmt: skip
_DAYS = ("day of the news", "earlier day", "this year", "earlier year", "has a date")
_STANDING = ("theme below best", "salience below best", "salience rank")
CONTEXT_FEATURES = (*_WORDS, *_OUTLINE, *_NAMES, *_DAYS, *_STANDING)

_OPENING_SENTENCES = 2
_NEWS_DAYS, _OLD_DAYS = 10, 30
_DAY = re.compile(
    r"(?:(?P<y>20\d\d)年)?(?<!\d)(?P<m>\d{1,2})月(?P<d>\d{1,2})日|(?P<only>20\d\d)年(?!\d{1,2}月\d)"
    r"|(?P<now>近日|日前|连日来|昨[日天]|今[日天]|当天|本月|本周)|(?P<this>今年)|(?P<last>去年|前年|往年)"
)
_LATIN_PAIR = np.int64(1 << 21)


def describe_context(
    article: Article, encoded: EncodedArticle, clauses: Sequence[Clause], cast: Cast
) -> FloatArray:
    """Return features of clauses, shape (clauses, len(CONTEXT_FEATURES)).

    Args:
        article: the article.
        encoded: the encoder's view of it.
        clauses: its clauses.
        cast: who it is about.
    """
    bounds = np.array([(c.span.start, c.span.end) for c in clauses], np.int64)
    s = np.array([clause.sentence for clause in clauses])
    return np.concatenate(
        [
            _words(article, bounds),
            _outline(article, clauses, bounds, s),
            _names(article, cast, bounds, s),
            _days(article, bounds),
            _standing(article, encoded)[s],
        ],
        axis=1,
        dtype=np.float32,
    )


def _words(article: Article, bounds: IntArray) -> FloatArray:
    """How far a clause's pairs of characters stand elsewhere too, and its digits."""
    codes = np.frombuffer(article.text.encode("utf-32-le"), np.uint32).astype(np.int64)
    letters = (codes >= ord("一")) & (codes <= ord("鿿"))
    digits = (codes >= ord("0")) & (codes <= ord("9"))
    is_pair = letters[:-1] & letters[1:]
    pairs = np.where(is_pair, codes[:-1] * _LATIN_PAIR + codes[1:], 0)
    _, first, inverse, counts = np.unique(
        pairs, return_index=True, return_inverse=True, return_counts=True
    )
    times = np.where(is_pair, counts[inverse], 0)
    is_new = is_pair & (first[inverse] == np.arange(len(pairs)))
    opening = article.sentences[min(_OPENING_SENTENCES, len(article.sentences)) - 1].end
    in_opening = is_pair & (first[inverse] < opening)
    n_pairs = np.maximum(_sum(is_pair, bounds), 1)
    n_chars = np.maximum(bounds[:, 1] - bounds[:, 0], 1)
    return np.stack(
        [
            _sum(times > 1, bounds) / n_pairs,
            _sum(np.log1p(times), bounds) / n_pairs,
            _sum(is_new, bounds) / n_pairs,
            _sum(in_opening, bounds) / n_pairs,
            _sum(digits, bounds) / n_chars,
        ],
        axis=1,
    )


def _sum(values: np.ndarray, bounds: IntArray) -> np.ndarray:
    """Add up what each stretch of the text holds."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    ends = np.minimum(bounds, len(values))
    total: np.ndarray = sums[ends[:, 1]] - sums[ends[:, 0]]
    return total


def _outline(
    article: Article, clauses: Sequence[Clause], bounds: IntArray, s: IntArray
) -> FloatArray:
    text = article.text
    blocks = [article.block_of(row) for row in range(int(s[-1]) + 1)]
    heads = [heading_of(article, block) for block in blocks]
    firsts = [heads[i] is not None and heads[i - 1] is not heads[i] for i in range(len(heads))]
    pairs = {id(h): frozenset(map("".join, pairwise(h.span.of(text)))) for h in heads if h}
    by_sentence = np.array(
        [
            (
                block is None or block.may_speak,
                block is not None and block.kind == "list_item",
                block is not None and block.kind in ("quote", "turn"),
                head is not None,
                first,
            )
            for block, head, first in zip(blocks, heads, firsts, strict=True)
        ],
        np.float32,
    )
    shared = [
        _share(clause.span.of(text), pairs[id(head)]) if head else 0.0
        for clause, head in ((clause, heads[clause.sentence]) for clause in clauses)
    ]
    quotes = np.array([(c == "“") - (c == "”") for c in text], np.int64)
    starts = np.array([article.sentences[row].start for row in s])
    is_open = _sum(quotes, np.stack([starts, bounds[:, 0]], axis=1)) > 0
    return np.concatenate([by_sentence[s], np.stack([shared, is_open], axis=1)], axis=1)


def _share(words: str, pairs: frozenset[str]) -> float:
    return sum(p in pairs for p in map("".join, pairwise(words))) / max(len(words), 1)


def _names(article: Article, cast: Cast, bounds: IntArray, s: IntArray) -> FloatArray:
    text = article.text
    named = [m.span for m in cast.mentions if not m.is_inner and not m.level.startswith("=")]
    fresh = list({span.of(text): span for span in reversed(named)}.values())
    main = max(cast.bodies, key=lambda body: len(body.spans), default=None)
    own = main.spans if main else ()
    names = {main.name, *main.aliases} if main else frozenset[str]()
    place = cast.place.name if cast.place else ""
    here = [Span(m.start(), m.end()) for m in re.finditer(re.escape(place), text)] if place else []
    subjects = [
        (False, False, False)
        if subject is None
        else (
            sentence.start <= subject.start < sentence.end,
            not sentence.start <= subject.start < sentence.end,
            subject.of(text) in names,
        )
        for sentence, subject in zip(article.sentences, cast.subjects, strict=True)
    ]
    counts = [np.minimum(_count(spans, bounds), 2) for spans in (named, fresh, own, here)]
    return np.concatenate([np.stack(counts, axis=1), np.array(subjects, np.float32)[s]], axis=1)


def _count(spans: Sequence[Span], bounds: IntArray) -> np.ndarray:
    starts = np.sort(np.array([span.start for span in spans], np.int64))
    places = np.searchsorted(starts, bounds)
    count: np.ndarray = places[:, 1] - places[:, 0]
    return count


def _days(article: Article, bounds: IntArray) -> FloatArray:
    """Whether a clause names the day of the news, or a time before it."""
    published = date.fromisoformat(article.date) if article.date else None
    marks: tuple[list[Span], ...] = ([], [], [], [])
    for found in _DAY.finditer(article.text):
        for number in _read_day(found, published):
            marks[number].append(Span(found.start(), found.end()))
    columns = [np.minimum(_count(spans, bounds), 1) for spans in marks]
    return np.stack([*columns, np.full(len(bounds), published is not None)], axis=1)


def _read_day(found: re.Match[str], published: date | None) -> Iterator[int]:
    """Yield the columns of `_DAYS` that a day or year is one of."""
    if found["now"]:
        yield 0
    elif found["this"]:
        yield 2
    elif found["last"]:
        yield 3
    elif published is not None and (year := found["only"] or found["y"]):
        yield 2 if int(year) >= published.year else 3
    if published is not None and found["m"]:
        day = _day_of(found, published)
        if day is not None and abs((published - day).days) <= _NEWS_DAYS:
            yield 0
        elif day is not None and (published - day).days > _OLD_DAYS:
            yield 1


def _day_of(found: re.Match[str], published: date) -> date | None:
    try:
        return date(int(found["y"] or published.year), int(found["m"]), int(found["d"]))
    except ValueError:
        return None


def _standing(article: Article, encoded: EncodedArticle) -> FloatArray:
    """How far each sentence is below the article's best, by theme and by salience."""
    n = len(article.sentences)
    theme, salience = np.full((2, n), -10, np.float32)
    np.maximum.at(theme, list(encoded.sentences), encoded.theme_logits.max(axis=1))
    np.maximum.at(salience, list(encoded.sentences), encoded.salience)
    rank = np.argsort(np.argsort(-salience))
    return np.stack(
        [
            np.maximum(theme - theme.max(), -8) / 4,
            np.maximum(salience - salience.max(), -8) / 4,
            np.log1p(rank),
        ],
        axis=1,
    )
