"""Key figures: candidates from a grammar, guards against look-alikes, then reading."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from model.article import Article
from model.figures.base import find_base
from model.figures.body import BodyFinder, BodyVote, choose_body, likeliest, sure_vote
from model.figures.indicator import find_indicator
from model.figures.kind import is_planned_under, read_kind
from model.figures.listed import Name, spread_names
from model.figures.numbers.candidates import Candidate, find_candidates
from model.figures.numbers.coordinated import find_groups
from model.figures.numbers.guards import is_figure
from model.figures.plain import plain_words, plain_years
from model.figures.year import FigurePlace, YearReader
from model.names import Cast, read_cast
from model.report import Figure
from model.spans import Span

if TYPE_CHECKING:  # the runtime takes its time to load, and parsers of files need none of it
    from model.encoder import TokenStates
    from model.figures.reading.reader import FigureReader, RowReading

# A page of numbers may be one sentence; each of them is read from so many characters before it.
CONTEXT_CHARS = 300
_BORDERS = "，。；：！？\n"
# What is left in front where an indicator loses its body.
_BESIDE_BODY = re.compile(r"^(?:的|共|已|累计|实现(?=.{2,}[入额量数]))+")
_MIN_INDICATOR_CHARS = 3
_RANKS = frozenset("省市县区镇乡村")
# What only a rank stands before: 县域, 省级, 区属.
_BEHIND_RANK = frozenset("域级属")
# `就诊率提高到90%`: where a level went is not what is measured.
_REACHED = re.compile(
    r"(?:提高|提升|增加|增长|上升|下降|降低|缩短|减少|扩大|[升增降])?(?:达到|[到至达为])$"
)
# `较一季度增长` says that something changed and not what.
_CHANGE_ALONE = re.compile(
    r"(?:(?:同比|环比|比|较|与|年均|平均|上[年月季]|去年|[一二三四]?季度|末)[^，]{0,10})?"
    r"(?:增[长加幅速]|上升|提[高升]|下降|减少|降低|缩短|翻)[了率幅]?"
)
# `下转病人比2021年增长`: with what a change compares is no part of what changed.
_COMPARED = re.compile(r"(?<![占配])(?:同|环)?[比较]$")
MAX_SENTENCE_CHARS = 1_200


@dataclass(frozen=True)
class _Plain:
    """The article's text as it is read: `dated` for kinds, `words` for names; and its years."""

    dated: str
    words: str
    years: YearReader


@dataclass(frozen=True)
class Draft:
    """A figure as rules read it, how likely the cast holds each body, and what the head reads."""

    figure: Figure
    votes: tuple[BodyVote, ...]
    reading: RowReading | None = None


def find_figures(
    article: Article,
    reader: FigureReader | None = None,
    tokens: TokenStates | None = None,
    cast: Cast | None = None,
) -> tuple[Figure, ...]:
    """Find the key figures of an article, in order of the text.

    Args:
        article: the article.
        reader: the model's reading head; without one, rules read what surrounds a number.
        tokens: the encoder's states of the article's tokens, for the reader.
        cast: who the article is about; read from it where there is none.
    """
    drafts = draft_figures(article, reader, tokens, cast)
    return tuple(_take_reading(draft, article.text) for draft in drafts)


def draft_figures(
    article: Article,
    reader: FigureReader | None = None,
    tokens: TokenStates | None = None,
    cast: Cast | None = None,
) -> list[Draft]:
    """Return the key figures with everything that says what they are; see `find_figures`."""
    text = article.text
    candidates = list(find_candidates(text))
    accepted = [is_figure(text, candidate) for candidate in candidates]
    found = [c for c, is_one in zip(candidates, accepted, strict=True) if is_one]
    if not found:
        return []
    cast = cast or read_cast(article)
    bodies = BodyFinder(text, cast)
    dated = plain_years(text)
    years = YearReader(dated, article.date)
    plain = _Plain(dated, _with_values(plain_words(dated), found), years)
    drafts: list[Draft] = []
    for number, found_here in _by_sentence(article.sentences, found):
        sentence = article.sentences[number]
        drafts += _read_sentence(article, plain, sentence, found_here, bodies, number)
    if reader and tokens:
        read = reader.read(article, tokens, candidates, accepted, cast.candidates)
        readings = {candidates[number].start: one for number, one in read.items()}
        return [replace(d, reading=readings.get(d.figure.span.start)) for d in drafts]
    return drafts


def _take_reading(draft: Draft, text: str) -> Figure:
    """Take what the reading head found of a figure.

    Its kind stays as rules read it: they are right more often (`training/EXPERIMENTS.md`).
    """
    figure, reading = draft.figure, draft.reading
    if reading is None:
        return figure
    words = _mend("".join(part.of(text) for part in reading.indicator), figure.indicator)
    if _CHANGE_ALONE.fullmatch(words) and not set(words) & set(figure.indicator):
        words = figure.indicator + words
    elif figure.kind == "change":
        words = _COMPARED.sub("", words) or figure.indicator
    else:
        words = _REACHED.sub("", words) or words
    body = choose_body(draft.votes, reading.names)
    words = _without_body(words or figure.indicator, body or "")
    return replace(figure, body=body, indicator=words)


def _mend(words: str, ruled: str) -> str:
    """Give an indicator back the rank it was torn from: `县` of 县域内就诊率 behind 安吉县."""
    if not words or not ruled.endswith(words) or ruled == words:
        return words
    rank = ruled[-len(words) - 1]
    is_torn = rank in _RANKS and (words[0] in _BEHIND_RANK or len(ruled) == len(words) + 1)
    return rank + words if is_torn else words


def _without_body(words: str, body: str) -> str:
    """An indicator stands beside its body and need not say it again: `朗玛信息实现营业收入`.

    Nor does it begin with the end of the body's name: `医院接诊` beside 安吉县人民医院.
    """
    for length in range(min(len(words), len(body)) - 1, 1, -1):
        if body.endswith(words[:length]):
            return words[length:] if len(words) - length > 1 else words
    rest = _BESIDE_BODY.sub("", words.removeprefix(body)) if body and body in words else words
    return rest if len(rest) >= _MIN_INDICATOR_CHARS else words


def _with_values(words: str, found: list[Candidate]) -> str:
    """Write the values that hold no plain number in digits: `两个多亿` is none of a name."""
    pieces, at = list[str](), 0
    for candidate in found:
        if candidate.chinese or "个" in words[candidate.start : candidate.end - 1]:
            pieces += [words[at : candidate.start], "0" * (candidate.end - candidate.start - 1)]
            at = candidate.end - 1
    return "".join([*pieces, words[at:]]) if pieces else words


def _by_sentence(
    sentences: tuple[Span, ...], found: list[Candidate]
) -> Iterator[tuple[int, list[Candidate]]]:
    """The figures sentence by sentence, by the number of the sentence."""
    for number, group in groupby(found, lambda c: bisect_right(sentences, c.start, key=_end)):
        if number < len(sentences):
            yield number, list(group)


def _end(sentence: Span) -> int:
    return sentence.end


def _read_sentence(
    article: Article,
    plain: _Plain,
    sentence: Span,
    candidates: list[Candidate],
    bodies: BodyFinder,
    number: int,
) -> list[Draft]:
    text = article.text
    groups = find_groups(text, [(c.start, c.end) for c in candidates])
    names = _name_all(plain.words, candidates, groups, sentence.start)
    starts = [c.start for c in candidates]
    for group in groups:
        starts[group[0] : group[-1] + 1] = [starts[group[0]]] * len(group)
    places = _place_all(article, plain.dated, candidates, number)
    drafts: list[Draft] = []
    for place, name, start in zip(places, names, starts, strict=True):
        candidate = place.candidate
        is_multiple = candidate.unit_class == "times"
        compares = place.kind == "change" or is_multiple
        base = find_base(plain.dated, start, place.opening, times=is_multiple) if compares else None
        if name and name.body:
            votes = sure_vote(name.body.of(text))
        else:
            general = _is_general(candidate, name)
            votes = bodies.weigh(candidate.start, number, own_only=general)
        figure = Figure(
            text=text[candidate.start : candidate.end],
            indicator=name.of(text) if name else "",
            value=candidate.value,
            unit=candidate.unit,
            kind=place.kind,
            bound=candidate.bound,
            year=plain.years.read(place),
            span=Span(candidate.start, candidate.end),
            sentence=_around(sentence, candidate).of(text),
            body=likeliest(votes),
            base=base.of(text) if base else None,
        )
        drafts.append(Draft(figure, votes))
    return drafts


def place_figures(article: Article) -> tuple[YearReader, list[FigurePlace]]:
    """Return every number of an article where it stands, and what reads their years."""
    dated = plain_years(article.text)
    numbered = _by_sentence(article.sentences, list(find_candidates(article.text)))
    places = [
        place for number, group in numbered for place in _place_all(article, dated, group, number)
    ]
    return YearReader(dated, article.date), places


def _place_all(
    article: Article, dated: str, candidates: Sequence[Candidate], number: int
) -> list[FigurePlace]:
    """Where the numbers of sentence `number` stand, and their kinds."""
    sentence, heads = article.sentences[number], article.heads_of(number)
    own_year = int(article.date[:4]) if article.date else None
    block = article.block_of(number)
    in_list = block is not None and block.kind == "list_item"
    planned = bool(heads) and is_planned_under(heads, sentence.of(dated), own_year, in_list=in_list)
    places = []
    for candidate in candidates:
        opening = _opening(sentence.start, candidate.start)
        kind = read_kind(dated, candidate, opening, own_year)
        kind = "target" if planned and kind == "level" else kind
        places.append(FigurePlace(candidate, opening, sentence.end, heads, kind))
    return places


def _opening(sentence_start: int, start: int) -> int:
    """Where reading begins: the sentence, of a page without full stops its last words."""
    return max(sentence_start, start - CONTEXT_CHARS)


def _around(sentence: Span, candidate: Candidate) -> Span:
    """The sentence, or what stands around the figure where there is no end of it."""
    if sentence.end - sentence.start <= MAX_SENTENCE_CHARS:
        return sentence
    start = _opening(sentence.start, candidate.start)
    return Span(start, min(sentence.end, candidate.end + CONTEXT_CHARS))


def _name_all(
    words: str, candidates: list[Candidate], groups: list[list[int]], sentence_start: int
) -> list[Name | None]:
    """The indicator of every candidate of a sentence; listed ones share or divide what is said."""
    spans = (find_indicator(words, c, _opening(sentence_start, c.start)) for c in candidates)
    names = [Name((span,)) if span else None for span in spans]
    for group in groups:
        if len({candidates[i].unit for i in group}) == 1:
            first = group[0]
            listed = [Span(candidates[i].start, candidates[i].end) for i in group]
            opening = _opening(sentence_start, listed[0].start)
            earlier = names[max(0, first - len(group)) : first]
            shared = spread_names(words, opening, listed, names[first], earlier)
            for i, name in zip(group, shared, strict=True):
                names[i] = name
    return names


def _is_general(candidate: Candidate, name: Name | None) -> bool:
    """`70%的患者`: a share of what stands behind it is often a fact of medicine, not of a house."""
    return candidate.unit_class == "share" and name is not None and name.start >= candidate.end
