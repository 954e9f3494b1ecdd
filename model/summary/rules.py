"""Rules: which whole clauses a sentence can lose and still say the same, grammatically.

Every rule gives cuts as offsets into the sentence. None changes a character: what is left stands
in the text in that order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from model.spans import Span
from model.summary.openings import FIRST_PERSON, HEADLINE_RULE, NUMBER, SAID, find_openings

# A cut never leaves a number without the words that bound it: `95%（去年为93%）以上`.
_BOUND_AFTER = re.compile(r"^(?:以上|及以上|以下|以内|之内|左右|上下|余|多|以来)")
_BOUND_BEFORE = re.compile(
    r"(?:超过|超|逾|突破|不少于|不低于|至少|不足|不到|低于|不超过|约|近|接近|达到?|为|[\d.])$"
)

_SAID_AT_END = re.compile(rf"^“(?P<said>[^“”]+[，。！])”[^“”，。]{{2,30}}{SAID}(?P<end>。)$")
_BRACKET = re.compile(r"（(?:图|[^（）]{5})[^（）]*）|\((?:图|[^()]{5})[^()]*\)")
_TITLE = re.compile(r"《[^》]*》")
_EXAMPLES = re.compile(r"，(?:比如|例如|如|譬如|包括)[^，。；：]*、[^，。；：]*等(?=[，。；])")
_NO_EXAMPLES = re.compile(r"^，如(?:何|果|今|期|约|下|此|实)")
# A last clause that praises and says nothing: `，为健康中国建设贡献力量。`
_SLOGAN = re.compile(
    r"，(?:(?:切实|有力|全力|奋力|努力|不断|进一步|全面|持续|真正|着力)?"
    r"(?:为(?:[^，。；]*)(?:贡献|奠定|打下|保驾护航|添砖加瓦|注入|撑起|筑牢|提供(?:坚实|有力|强有力))"
    r"|(?:谱写|书写|开创|迈上|筑牢|增强)[^，。；]*(?:篇章|局面|台阶|防线|获得感|幸福感|安全感)))"
    r"[^，。；\d]*(?=。$)"
)
_STRAY = re.compile(r"(?<=[。！])[?？□�]+$")


def find_cuts(sentence: str, *, near_head: bool = False, glued: int = 0) -> list[tuple[Span, str]]:
    """Return what the sentence can lose, in order and apart, each with its rule's name.

    Args:
        sentence: one sentence with its closing mark.
        near_head: it is among an article's first, where the credit of the news may stand.
        glued: how many characters of a headline or caption run into it, see `seams`.
    """
    cuts = [(Span(0, glued), HEADLINE_RULE)] if glued else []
    start = glued
    for span, rule in find_openings(sentence[glued:], near_head=near_head):
        start = glued + span.end
        cuts.append((Span(glued + span.start, start), rule))
    for name, find in _INNER:
        for span in find(sentence):
            if span.start >= start and is_safe(sentence, span) and _is_apart(span, cuts):
                cuts.append((span, name))
    cuts += [cut for cut in _stray_quotes(sentence, start) if _is_apart(cut[0], cuts)]
    return sorted(cuts, key=lambda cut: cut[0].start)


def _said_at_end(sentence: str) -> Iterator[Span]:
    """`“……。”院长张某说。` becomes `……。`."""
    found = _SAID_AT_END.match(sentence)
    if found and not FIRST_PERSON.search(found["said"]):
        yield Span(0, 1)
        keeps_mark = found["said"][-1] != "，"
        yield Span(found.end("said") - (not keeps_mark), len(sentence) - (not keeps_mark))


def _brackets(sentence: str) -> Iterator[Span]:
    """Brackets that explain: no number of their own, no part of a title or of a name."""
    titles = [found.span() for found in _TITLE.finditer(sentence)]
    for found in _BRACKET.finditer(sentence):
        inside = any(a < found.start() < b for a, b in titles)
        if not inside and not NUMBER.search(found[0]):
            yield Span(*found.span())


def _examples(sentence: str) -> Iterator[Span]:
    """`，如针灸、推拿、拔罐等`."""
    for found in _EXAMPLES.finditer(sentence):
        if not _NO_EXAMPLES.match(found[0]) and not NUMBER.search(found[0]):
            yield Span(*found.span())


def _slogan(sentence: str) -> Iterator[Span]:
    found = _SLOGAN.search(sentence)
    if found and found.start() and not NUMBER.search(found[0]):
        yield Span(*found.span())


def _stray_quotes(sentence: str, start: int) -> Iterator[tuple[Span, str]]:
    """Marks of a quotation that opens or closes in another sentence, or that is all there is."""
    opens, closes = sentence.count("“"), sentence.count("”")
    after_colon = sentence.find("：“") + 1
    if opens == closes + 1 and after_colon and "”" not in sentence[after_colon:]:
        yield Span(after_colon, after_colon + 1), "引号"
    if FIRST_PERSON.search(sentence):
        return
    starts, ends = sentence.startswith("“", start), sentence.endswith("”")
    alone = opens == closes == 1 and starts and ends
    if starts and (alone or opens > closes):
        yield Span(start, start + 1), "引号"
    if ends and (alone or closes > opens):
        yield Span(len(sentence) - 1, len(sentence)), "引号"


def is_safe(sentence: str, span: Span) -> bool:
    """Nothing that bounds a number stands at either edge across the cut."""
    before, after = sentence[: span.start], sentence[span.end :]
    return not (_BOUND_AFTER.match(after) or _BOUND_BEFORE.search(before))


def _is_apart(span: Span, cuts: list[tuple[Span, str]]) -> bool:
    return all(span.end <= other.start or other.end <= span.start for other, _ in cuts)


def _stray_marks(sentence: str) -> Iterator[Span]:
    """`……。?`: what is left of a broken character behind the full stop."""
    found = _STRAY.search(sentence)
    if found:
        yield Span(*found.span())


_INNER: tuple[tuple[str, Callable[[str], Iterator[Span]]], ...] = (
    ("引语说明", _said_at_end),
    ("括号", _brackets),
    ("举例", _examples),
    ("套话", _slogan),
    ("乱码", _stray_marks),
)
