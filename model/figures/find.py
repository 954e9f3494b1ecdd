"""Key figures: candidates from a grammar, guards against look-alikes, then reading."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from model.article import Article
from model.figures.base import find_base
from model.figures.body import BodyFinder
from model.figures.indicator import find_indicator
from model.figures.kind import is_planned_under, read_kind
from model.figures.listed import Name, spread_names
from model.figures.numbers.candidates import Candidate, find_candidates
from model.figures.numbers.coordinated import find_groups
from model.figures.numbers.guards import is_figure
from model.figures.plain import plain_words, plain_years
from model.figures.year import read_year
from model.names import Cast, read_cast
from model.report import Figure
from model.spans import Span

if TYPE_CHECKING:  # the runtime takes its time to load, and parsers of files need none of it
    from model.encoder import TokenStates
    from model.figures.reading.reader import FigureReader, RowReading

# A page of numbers may be one sentence; each of them is read from so many characters before it.
CONTEXT_CHARS = 300
_BORDERS = "，。；：！？\n"
# Vote of the cast's subject beside the reading head's probabilities: it must be surer than this.
SUBJECT_VOTE = 0.75
# What is left in front where an indicator loses its body.
_BESIDE_BODY = re.compile(r"^(?:的|共|已|累计|实现(?=.{2,}[入额量数]))+")
_MIN_INDICATOR_CHARS = 3
_RANKS = frozenset("省市县区镇乡村")
# What only a rank stands before: 县域, 省级, 区属.
_BEHIND_RANK = frozenset("域级属")
# A name less likely than this is left to a person.
LEAST_VOTE = 0.25
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
    """The article's text as it is read: `dated` for years and kinds, `words` for names."""

    dated: str
    words: str


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
    text = article.text
    candidates = list(find_candidates(text))
    accepted = [is_figure(text, candidate) for candidate in candidates]
    found = [c for c, is_one in zip(candidates, accepted, strict=True) if is_one]
    if not found:
        return ()
    cast = cast or read_cast(article)
    bodies = BodyFinder(text, cast)
    dated = plain_years(text)
    plain = _Plain(dated, _with_values(plain_words(dated), found))
    figures: list[Figure] = []
    for number, found_here in _by_sentence(article.sentences, found):
        sentence = article.sentences[number]
        figures += _read_sentence(article, plain, sentence, found_here, bodies, number)
    if reader and tokens:
        read = reader.read(article, tokens, candidates, accepted, cast.candidates)
        readings = {candidates[number].start: one for number, one in read.items()}
        return tuple(_with_readings(figures, text, readings))
    return tuple(figures)


def _with_readings(
    figures: Sequence[Figure], text: str, readings: Mapping[int, RowReading]
) -> Iterator[Figure]:
    """Take what the reading head found, by the start of each number.

    Kind and year stay as rules read them: they are right more often (`training/EXPERIMENTS.md`).
    """
    for figure in figures:
        reading = readings.get(figure.span.start)
        if reading is None:
            yield figure
            continue
        words = _mend("".join(part.of(text) for part in reading.indicator), figure.indicator)
        if _CHANGE_ALONE.fullmatch(words) and not set(words) & set(figure.indicator):
            words = figure.indicator + words
        elif figure.kind == "change":
            words = _COMPARED.sub("", words) or figure.indicator
        else:
            words = _REACHED.sub("", words) or words
        body = _choose_body(reading.names, figure.body)
        words = _without_body(words or figure.indicator, body or "")
        yield replace(figure, body=body, indicator=words)


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


def _choose_body(names: Mapping[str, float], subject: str | None) -> str | None:
    """Return the likeliest name; whom the cast says the figure is about has a say of its own.

    Where the likeliest is how the cast's begins, its end was misread: 安吉县 of 安吉县人民医院.
    """
    votes = dict(names)
    if subject:
        votes[subject] = votes.get(subject, 0.0) + SUBJECT_VOTE
    likeliest = max(votes, key=votes.__getitem__, default="")
    if subject and subject.startswith(likeliest):
        return subject
    return likeliest if votes.get(likeliest, 0.0) >= LEAST_VOTE else None


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
) -> list[Figure]:
    text, dated = article.text, plain.dated
    own_year = int(article.date[:4]) if article.date else None
    groups = find_groups(text, [(c.start, c.end) for c in candidates])
    names = _name_all(plain.words, candidates, groups, sentence.start)
    heads = article.heads_of(number)
    planned = _is_planned_under(article, number, heads, sentence.of(dated))
    starts = [c.start for c in candidates]
    for group in groups:
        starts[group[0] : group[-1] + 1] = [starts[group[0]]] * len(group)
    figures: list[Figure] = []
    for candidate, name, start in zip(candidates, names, starts, strict=True):
        opening = _opening(sentence.start, candidate.start)
        kind = read_kind(dated, candidate, opening, own_year)
        kind = "target" if planned and kind == "level" else kind
        is_multiple = candidate.unit_class == "times"
        compares = kind == "change" or is_multiple
        base = find_base(dated, start, opening, times=is_multiple) if compares else None
        body = name.body if name else None
        body = body or bodies.find(candidate.start, number, own_only=_is_general(candidate, name))
        figures.append(
            Figure(
                text=text[candidate.start : candidate.end],
                indicator=name.of(text) if name else "",
                value=candidate.value,
                unit=candidate.unit,
                kind=kind,
                bound=candidate.bound,
                year=read_year(dated, candidate, opening, own_year, heads),
                span=Span(candidate.start, candidate.end),
                sentence=_around(sentence, candidate).of(text),
                body=body.of(text) if body else None,
                base=base.of(text) if base else None,
            )
        )
    return figures


def _is_planned_under(article: Article, number: int, heads: Sequence[str], words: str) -> bool:
    """Whether what a sentence stands under makes targets of its values."""
    block = article.block_of(number)
    own_year = int(article.date[:4]) if article.date else None
    in_list = block is not None and block.kind == "list_item"
    return bool(heads) and is_planned_under(heads, words, own_year, in_list=in_list)


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
