"""Shortening: the versions of a sentence that a summary may take, from whole to shortest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from model.pairs import find_pairs
from model.report import Cut, Excerpt, Insertion
from model.spans import Span
from model.summary.openings import HEAD_RULES
from model.summary.rules import find_cuts, is_safe

MIN_CHARS = 12
HEAD_RULE, TAIL_RULE = "前文", "后文"
# What clauses further on depend on: conditions, numbers, speech, and words that open a pair.
_KEEPS_HEAD = re.compile(
    r"\d|虽然|尽管|如果|只要|不仅|不但|如何|不是|除了|比|因|由于|[：“（]|[说称]，$|表示|要求|[一二三]是"
)
UNPAIRED_RULE = "不成对的标点"
# A clause that cannot stand last: it sets the scene for what follows, or only begins a list.
_OPEN_ENDED = re.compile(
    r"(?:时|后|前|下|中|上|期间|以来|基础上|方面|来看|为例|之际|起|里|内|外|间|显示|表示|介绍|指出|说|情况|消息"
    r"|[年月日]|上午|下午|分别[是为]|包括|如下|方式|形式|契机|[抓手引领导向核心]|一是|首先)$"
    r"|^(?:为了?(?!期)|由于|因为|随着|根据|按照|通过|经过|如果|只要|只有|当|在|对于|针对|围绕|自|从|依托|截至|作为"
    r"|虽然|尽管|不仅|不但|既|一方面|无论|以|将|把|由|经|据|坚持|其中|同时|聚焦|结合|充分|积极|进一步)"
    r"|作为|为(?:了|进一步|提高|提升|增强|促进|推动|加强|弘扬|深入|贯彻|落实|助力)"
)
# Signs that a clause says something whole: it is done, or counted.
_TOLD = re.compile(
    r"了|已|[达有]到?\d|(?:开展|举行|举办|召开|启动|成立|签署|签订|建立|建成|推出|印发|出台|发布|完成|实现|获得|获评|入选"
    r"|组建|派出|投入|新增|覆盖|接入|上线|开通|揭牌|达成|入驻|走进|设立|覆盖|组织|落地|惠及|开诊|启用|进行|提供|提升至|提高到|降至|增至"
    r"|增长|下降|减少|增加|超过|突破).{3,}"
)
_COUNTED = re.compile(
    r"(?<=[^，；]{4})\d[.万亿千百]{0,8}[余多]?(?:%|个百分点|[^\d年月日时分点号]{1,3})$"
)
_TURNS = re.compile(r"^[，；](?:但|而|却|不过|不是|并非|也就是|即|以及|和|与|或|并(?!购))")
_MIN_LAST_CHARS = 8
_MIN_OPENED_CHARS = 16
_MARK_AT_END = re.compile(r"(?<![。！？…”’）])[。！？…”’）]++$")
_PARTS = re.compile(r"[，；]")
_STOPS = re.compile(r"[，；：、]")
_NUMBER_AT_END = re.compile(r"[\d.,万亿千百十]$")
_PAIRS = ("“”", "（）", "《》", "‘’", "【】")
# `1）`: a number of a list, not the end of a bracket.
_ENUMERATOR = re.compile(r"[0-9A-Za-z一二三四五六七八九十]$")
_NEEDS_FOLLOWING = re.compile(r"：[^，；]{0,4}$")


@dataclass(frozen=True)
class Version:
    """A sentence as a summary may take it; `share` is the part of its words that is left."""

    excerpt: Excerpt
    n_chars: int
    share: float


def list_versions(
    text: str,
    sentence: Span,
    figures: Sequence[Span] = (),
    names: Sequence[Span] = (),
    *,
    near_head: bool = False,
    glued: int = 0,
) -> list[Version]:
    """Return a sentence's versions: first as the rules leave it, then with ever fewer clauses.

    Args:
        text: the article's text.
        sentence: one of its sentences.
        figures: the key figures in the sentence; the first version keeps those outside a
            headline, and none is cut in two.
        names: names in the sentence: where a clause begins with one, those before it may go.
        near_head: it is among the article's first sentences.
        glued: how many characters of a headline or caption run into it.
    """
    words = sentence.of(text)
    places = [Span(f.start - sentence.start, f.end - sentence.start) for f in figures]
    cuts = [
        c
        for c in find_cuts(words, near_head=near_head, glued=glued)
        if c[1] in HEAD_RULES or not any(_overlap(c[0], place) for place in places)
    ]
    if len(words) - sum(c.end - c.start for c, _ in cuts) < MIN_CHARS:
        cuts = []
    first = _make(sentence, words, cuts)
    starts = [name.start - sentence.start for name in names]
    found = [first]
    for opened in (cuts, *_heads(words, cuts, starts)):
        some = [opened] if opened is not cuts else []
        for tried in (*some, *_tails(words, opened)):
            if not any(p.start < c.start < p.end for p in places for c, _ in tried):
                found.append(_make(sentence, words, tried, first.n_chars))
    return found


def _heads(
    words: str, cuts: list[tuple[Span, str]], starts: Sequence[int]
) -> Iterator[list[tuple[Span, str]]]:
    """Leave out all clauses before one that begins with a name, where it can open a sentence."""
    start = max((c.end for c, _ in cuts if c.start == 0), default=0)
    for at in starts:
        head = Span(start, at)
        if at <= start or words[at - 1] not in "，；" or not is_safe(words, head):
            continue
        if _KEEPS_HEAD.search(words[start:at]) or len(words) - at < _MIN_OPENED_CHARS:
            continue
        rest = [c for c in cuts if c[0].start >= at or c[0].end <= start]
        if all(c[0].end <= start or c[0].start >= at for c in cuts):
            yield [*rest, (head, HEAD_RULE)]


def cut_to_fit(text: str, sentence: Span, max_chars: int) -> Version:
    """Return the start of a sentence no version of which fits: whole clauses, else characters."""
    words = sentence.of(text)
    ends = [m.start() for m in _STOPS.finditer(words, 0, max_chars + 1) if m.start()]
    ends = ends or [i for i in range(1, max_chars + 1) if not _NUMBER_AT_END.search(words[:i])]
    whole = [end for end in ends if is_safe(words, Span(end, len(words)))]
    end = min(max(whole or ends, default=max_chars), len(words))
    cuts = [(Span(end, len(words)), TAIL_RULE)] if end < len(words) else []
    return _make(sentence, words, cuts)


def insert(version: Version, insertions: Sequence[Insertion]) -> Version:
    """Return a version with names put in."""
    return replace(
        version,
        excerpt=replace(version.excerpt, inserted=tuple(insertions)),
        n_chars=version.n_chars + sum(len(insertion.text) for insertion in insertions),
    )


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _tails(words: str, cuts: list[tuple[Span, str]]) -> Iterator[list[tuple[Span, str]]]:
    """Leave out clauses from the end, one after the other, where the rest can stand alone."""
    mark = _MARK_AT_END.search(words)
    end = mark.start() if mark else len(words)
    start = max((c.end for c, _ in cuts if c.start == 0), default=0)
    for comma in reversed([m.start() for m in _PARTS.finditer(words, start, end)]):
        tail = Span(comma, end)
        if any(c.start < comma < c.end for c, _ in cuts) or not is_safe(words, tail):
            continue
        kept = words[start:comma]
        whole = _stands_alone(kept, semicolon=words[comma] == "；")
        if len(kept) >= MIN_CHARS and whole and not _TURNS.match(words[comma:]):
            yield [*(c for c in cuts if c[0].end <= comma or c[0].start >= end), (tail, TAIL_RULE)]


def _stands_alone(kept: str, *, semicolon: bool) -> bool:
    if any(
        kept.count(pair[0]) != kept.count(pair[1]) for pair in _PAIRS
    ) or _NEEDS_FOLLOWING.search(kept):
        return False
    last = _PARTS.split(kept)[-1]
    if semicolon or _COUNTED.search(last):
        return True
    told = len(last) >= _MIN_LAST_CHARS and _TOLD.search(last) is not None
    return told and not _OPEN_ENDED.search(last)


def _make(
    sentence: Span, words: str, cuts: list[tuple[Span, str]], n_whole: int | None = None
) -> Version:
    unpaired = [(Span(at, at + 1), UNPAIRED_RULE) for at in _unpaired(words, _keep(words, cuts))]
    ordered = sorted([*cuts, *unpaired], key=lambda cut: cut[0].start)
    if not _keep(words, ordered):  # nothing but such marks
        ordered = sorted(cuts, key=lambda cut: cut[0].start)
    kept = _keep(words, ordered)
    n_chars = sum(span.end - span.start for span in kept)
    shift = sentence.start
    excerpt = Excerpt(
        sentence,
        tuple(Span(s.start + shift, s.end + shift) for s in kept),
        tuple(Cut(Span(s.start + shift, s.end + shift), rule) for s, rule in ordered),
    )
    return Version(excerpt, n_chars, n_chars / (n_whole or n_chars))


def _keep(words: str, cuts: Sequence[tuple[Span, str]]) -> list[Span]:
    """Return what the cuts leave, in order."""
    ordered = sorted((span.start, span.end) for span, _ in cuts)
    edges = [0, *(edge for cut in ordered for edge in cut), len(words)]
    return [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]


def _unpaired(words: str, kept: Sequence[Span]) -> list[int]:
    """Brackets and quotation marks that are kept without the other of their pair."""
    places = [at for span in kept for at in range(span.start, span.end)]
    alone = find_pairs("".join(words[at] for at in places))[1]
    found = (places[i] for i in alone)
    return [at for at in found if words[at] not in "）)" or not _ENUMERATOR.search(words[:at])]
