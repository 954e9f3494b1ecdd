"""Body: the hospital, county, office or company that a figure is about."""

from __future__ import annotations

import re
from bisect import bisect_right

from model.names.mentions import Mention, find_mentions
from model.spans import Span

PARAGRAPH_SENTENCES = 4
POINTER_SENTENCES = 40
MAX_BODIES = 20
ACT_CHARS = 200
# Who only tells: `国家卫健委发布数据显示`, `据县医保局介绍`.
_TELLS_AFTER = re.compile(
    r"^[^，。；]{0,12}?(?:发布|公布|印发|通报|数据|统计|消息|介绍|表示|获悉|透露|报道|指出|称|显示|官网|网站|发文)"
)
# Heads speak for their house, doctors of their trade.
_HEAD = re.compile(r"^(?:党委|党组|党总支|党支部)?(?:院长|书记|局长|县长|主任委员|负责人)")
_TELLS_BEFORE = re.compile(r"(?:据|记者从|获悉)[^，。；]{0,6}$")
# Whom something is done with or for.
_OBJECT_BEFORE = re.compile(
    r"(?:向|给|与|同|赴|对|跟|来自|前往|送往|转到|转至|返回|离开|就读于|毕业于)$"
)
# A dateline, one of a list, what is left out.
_NO_SUBJECT_AFTER = re.compile(r"(?:\d{1,2}月)?(?:\d{1,2}日)?(?:电|讯)|、|等|以外|之外")
_ACTS = re.compile(
    r"已|共|累计|今年|去年|截至|目前|投入|开展|实现|达|完成|接诊|服务|培训|新增|我们|该|全|为|\d{4}年|现有|设|建|招"
)


class BodyFinder:
    """Finds whom the figures of one article are about; every sentence is searched once."""

    def __init__(self, text: str, sentences: tuple[Span, ...]) -> None:
        self._text = text
        self._sentences = sentences
        self._named: dict[int, list[Mention]] = {}

    def find(self, start: int, sentence: int, *, own_only: bool = False) -> Span | None:
        """Return the body that a figure is about, or None where its paragraph names none.

        Args:
            start: where the figure starts.
            sentence: the number of its sentence.
            own_only: look no further than that sentence.
        """
        own = self._before(sentence, start)
        found = next((body for body in own if self._is_subject(body)), None)
        if found is None:  # `据平阳县卫健局介绍`: whoever tells, it is of that county
            told = (span for b in own if self._tells(b) and (span := _place_of(b)))
            place = next(told, None)
            if place is not None:
                return place
        if found is None and not own_only and self._acts(start, sentence):
            found = self._earlier(sentence)
        if found is None or not found.level.startswith("="):
            return found.span if found else None
        return self._antecedent(found, sentence)

    def _acts(self, start: int, sentence: int) -> bool:
        """Whether a sentence reports what somebody did, not a fact of medicine."""
        first = max(self._sentences[sentence].start, start - ACT_CHARS)
        return _ACTS.search(self._text, first, start) is not None

    def _tells(self, body: Mention) -> bool:
        before = self._text[max(0, body.span.start - 8) : body.span.start]
        after = self._text[body.span.end : body.span.end + 20]
        return bool(_TELLS_BEFORE.search(before) or _TELLS_AFTER.match(after))

    def _before(self, sentence: int, start: int) -> list[Mention]:
        """The bodies of a sentence that end before a figure, nearest first, a few at most."""
        bodies = self._bodies(sentence)
        last = bisect_right(bodies, start, key=lambda body: body.span.end)
        return bodies[max(0, last - MAX_BODIES) : last][::-1]

    def _earlier(self, sentence: int) -> Mention | None:
        for number in self._paragraph_before(sentence):
            subjects = [b for b in self._bodies(number)[:MAX_BODIES] if self._is_subject(b)]
            if subjects:
                return next((b for b in subjects if b.level != "country"), None)
        return None

    def _antecedent(self, pointer: Mention, sentence: int) -> Span | None:
        """What `全县` or `该院` points to: the last one of that level named before it."""
        level = pointer.level[1:]
        first = max(-1, sentence - 1 - POINTER_SENTENCES)
        for number in (None, *range(sentence - 1, first, -1)):
            own = number is None
            bodies = (
                self._before(sentence, pointer.span.start) if own else self._bodies(number)[::-1]
            )
            for body in bodies:
                if (span := _part_of_level(body, level)) is not None:
                    return span
        return pointer.span if pointer.span.of(self._text)[0] == "全" else None

    def _paragraph_before(self, sentence: int) -> range:
        """The sentences before one in its paragraph, nearest first."""
        first = sentence
        while first > max(0, sentence - PARAGRAPH_SENTENCES) and "\n" not in self._gap(first):
            first -= 1
        return range(sentence - 1, first - 1, -1)

    def _gap(self, sentence: int) -> str:
        """What stands between a sentence and the one before it."""
        before = self._sentences[sentence - 1]
        return self._text[before.end - 1 : self._sentences[sentence].start]

    def _is_subject(self, body: Mention) -> bool:
        before = self._text[max(0, body.span.start - 8) : body.span.start]
        if _OBJECT_BEFORE.search(before) or _TELLS_BEFORE.search(before) or before.endswith("、"):
            return False
        after = self._text[body.span.end : body.span.end + 20]
        if _NO_SUBJECT_AFTER.match(after):
            return False
        return bool(_HEAD.match(after)) or not _TELLS_AFTER.match(after)

    def _bodies(self, sentence: int) -> list[Mention]:
        if sentence not in self._named:
            self._named[sentence] = find_mentions(self._text, self._sentences[sentence])
        return self._named[sentence]


def _part_of_level(body: Mention, level: str) -> Span | None:
    """The body itself, or the place of that level that its name opens with."""
    if body.level == level and not body.places:
        return body.span
    if body.level == level and level in ("hospital", "company"):
        return body.span
    ends = [end for end, of_level in body.places if of_level == level]
    return Span(body.span.start, ends[-1]) if ends else None


def _place_of(body: Mention) -> Span | None:
    return Span(body.span.start, body.places[-1][0]) if body.places else None
