"""The gate before a rewritten summary: nothing passes that the source does not say.

The rules are strict rather than clever: a rewrite that is refused costs nothing, since the
summary in the article's own sentences is there, and one with a wrong number or name costs trust.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from model.cleaning.characters import HAN
from model.cleaning.names import COMMON_SURNAMES, DOUBTFUL_SURNAMES
from model.figures.numbers.candidates import find_candidates
from model.names.gazetteer import place_names
from model.names.lexicon import strict_words

_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9-]+")
_MARKED = re.compile(r"“[^“”]++”|《[^《》]++》")
# Words at which a name begins anew: it has none of them, or loses a piece that both sides lose.
_BREAKS = "的了在和与及对从由向到为被把将是让使等也都并而或于以给跟据说称赴往进走"
_PIECE = re.compile(rf"(?:(?![{_BREAKS}])[{HAN}])+")
_MIN_NAME_CHARS = 2  # of a body's name, before the word that ends it
_MIN_VERB_CHARS = 2
_MORE_BODIES = (
    "全国|我国|中国|全球|公司|集团|大学|学院|研究院|研究所|协会|学会|基金会|联盟|医疗队|街道|社区"
)
_POSTS = (
    "副?(?:院长|主任|书记|局长|处长|校长|所长|站长|队长|会长|市长|县长|省长|区长|镇长|部长|主席|总理|教授|主委)"
    "|医生|医师|护士长?|专家|院士|博士|村医|记者"
)
_PERSON_BEFORE = re.compile(
    rf"([{COMMON_SURNAMES}{DOUBTFUL_SURNAMES}][{HAN}]{{1,2}}?)(?:{_POSTS}|先生|女士|表示|介绍|指出|认为|说)"
)
_PERSON_AFTER = re.compile(rf"(?:{_POSTS})([{COMMON_SURNAMES}{DOUBTFUL_SURNAMES}][{HAN}]{{1,2}})")
_AFTER_NAME = re.compile(r"[表介说指认称告透强带在为和与及等就对向从将是曾也还率]")


def find_objection(rewrite: str, source: str, max_chars: int) -> str | None:
    """Return why a rewrite must not be used, in Chinese; None if nothing speaks against it.

    Args:
        rewrite: what a model made of the source.
        source: the sentences that it was given.
        max_chars: the summary's budget.
    """
    if not rewrite:
        return "改写为空"
    if len(rewrite) > max_chars:
        return f"改写有 {len(rewrite)} 字，超出 {max_chars} 字"
    for kind, find in _CHECKS:
        for found in find(rewrite, source):
            return f"改写里的{kind}“{found}”不在原文中"
    return None


def _foreign_numbers(rewrite: str, source: str) -> Iterator[str]:
    """Numbers whose value, unit or bound the source does not have."""
    known = {(c.value, c.unit, c.bound) for c in find_candidates(source)}
    for number in find_candidates(rewrite):
        if (number.value, number.unit, number.bound) not in known:
            yield rewrite[number.start : number.end]
    bare = set(_bare_numbers(source))
    yield from (number for number in _bare_numbers(rewrite) if number not in bare)


def _bare_numbers(text: str) -> Iterator[str]:
    """Digits outside of numbers with a unit."""
    inside = [(c.start, c.end) for c in find_candidates(text)]
    for found in _DIGITS.finditer(text):
        if not any(start <= found.start() < end for start, end in inside):
            yield found[0]


def _foreign_marked(rewrite: str, source: str) -> Iterator[str]:
    for pattern in (_LATIN, _MARKED):
        yield from (found for found in pattern.findall(rewrite) if found not in source)


def _foreign_places(rewrite: str, source: str) -> Iterator[str]:
    """Provinces, cities and counties, with or without the word that ends their names."""
    yield from (found for found in _place_pattern().findall(rewrite) if found not in source)


def _foreign_bodies(rewrite: str, source: str) -> Iterator[str]:
    """Names that end as those of hospitals, authorities, companies and places do."""
    for piece in _PIECE.findall(rewrite):
        start = 0
        for end in _body_pattern().finditer(piece):
            name = piece[start : end.end()]
            if not _is_known(name, len(end[0]), source):
                yield name
            start = end.end()


def _is_known(name: str, n_end: int, source: str) -> bool:
    """Whether the source has the name, or the name behind a word that it has as well."""
    if name in source:
        return True
    last = len(name) - n_end - _MIN_NAME_CHARS
    cuts = range(_MIN_VERB_CHARS, last + 1)
    return any(name[:cut] in source and name[cut:] in source for cut in cuts)


def _foreign_people(rewrite: str, source: str) -> Iterator[str]:
    yield from (name for name in _PERSON_BEFORE.findall(rewrite) if name not in source)
    for name in _PERSON_AFTER.findall(rewrite):
        short = name[:2] in source and _AFTER_NAME.match(name[2:]) is not None
        if name not in source and not short:
            yield name


@cache
def _body_pattern() -> re.Pattern[str]:
    words = sorted({*strict_words(), *_MORE_BODIES.split("|")}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


@cache
def _place_pattern() -> re.Pattern[str]:
    names = sorted(place_names(), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))


_CHECKS: tuple[tuple[str, Callable[[str, str], Iterator[str]]], ...] = (
    ("数字", _foreign_numbers),
    ("名称", _foreign_marked),
    ("地名", _foreign_places),
    ("机构", _foreign_bodies),
    ("人名", _foreign_people),
)
