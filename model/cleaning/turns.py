"""Turns: who says what in round tables, interviews and the sound bites of the news."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from model.cleaning.characters import HAN
from model.cleaning.names import FULL_NAME, SURNAMES
from model.spans import Span, Turn

SPEAKER_MAX_CHARS = 40
# From so many turns that open a line, lines without a speaker go on with the last one's words.
TABLE_MIN_TURNS = 3
TABLE_SHARE = 0.3
HEADING_MAX_CHARS = 40

_POST = (
    r"(?:院长|主任|书记|局长|司长|处长|科长|部长|厅长|校长|所长|站长|会长|理事长|秘书长|董事长"
    r"|总经理|经理|总裁|总监"
    r"|县长|市长|区长|镇长|乡长|村长|组长|队长|班长|馆长|护士长|护士|医师|医生|药师|教授|研究员"
    r"|专家|院士|委员|代表"
    r"|主席|负责人|发言人|工作人员|村民|居民|市民|患者|病人|家属|家长|顾问|讲师|博士|乡医|村医"
    r"|指挥员|参赞|助理|巡视员"
    r"|调研员|干事|社工|志愿者|工程师|创始人|员工)"
)
_NAME = (
    rf"{FULL_NAME}|[{SURNAMES}](?:某某?|女士|先生|大[爷妈娘])"
    rf"|[{HAN}]{{1,6}}·[{HAN}·]{{1,8}}"
)
_VERB_END = re.compile(
    r"(?:说|道|称|表示|介绍|指出|强调|认为|告诉|解释|回答|提醒|透露|坦言|建议|回忆|感慨|补充"
    r"|警告|宣布|写|问|呼吁|讲)(?:[他她]|记者|大家)?$"
)
_SPEAKER = re.compile(
    rf"(?P<speaker>(?:[{HAN}A-Za-z0-9（）()、“”·—\- ]{{0,{SPEAKER_MAX_CHARS}}}?{_POST}"
    rf"[ ]?(?:{_NAME})"
    rf"|(?:{_NAME})(?:（[^（）\n]{{2,{SPEAKER_MAX_CHARS}}}）)"
    r"|主持人(?:[ ]?[\u4e00-\u9fff]{2,3})?|记者))[：:](?=[ ]?[^\s])"
)
_ROLES = ("主持人", "记者")  # so short that they count at the start of a line only
# In an interview a bare name speaks too, or a surname: `秦：`.
_BARE = re.compile(rf"(?P<speaker>{_NAME}|[{HAN}]{{1,5}})[：:](?=[ ]?[^\s])")
INTERVIEW_MIN_ROLES = 2
BARE_MIN_TURNS = 2
_START = re.compile(r"^[ ]*|(?<=[。！？])[”’）]?[ ]*", re.MULTILINE)
_SENTENCE_END = re.compile(r"[。！？…]+[”’）]*|\n")


def find_turns(text: str) -> tuple[Turn, ...]:
    """Return the turns in order.

    A turn that opens a line goes to the line's end, or, at a round table, up to the next turn or
    heading. One in the midst of a line ends, in an interview, with the line or the next turn;
    elsewhere nothing marks its end, and it is its first sentence or quote.
    """
    starts = [match.end() for match in _START.finditer(text)]
    speakers = [match for at in starts if (match := _match_speaker(text, at))]
    is_interview = sum(m["speaker"] in _ROLES for m in speakers) >= INTERVIEW_MIN_ROLES
    if is_interview:
        speakers = _add_bare_names(text, starts, speakers)
    opening = {m.start() for m in speakers if m.start() == 0 or text[m.start() - 1] == "\n"}
    is_table = len(opening) >= max(TABLE_MIN_TURNS, TABLE_SHARE * (text.count("\n") + 1))
    if not is_table and not is_interview:
        opening.discard(0)  # what opens the text is its title
        speakers = [m for m in speakers if m.start() > 0]
    speakers = [m for m in speakers if m.start() in opening or m["speaker"] not in _ROLES]
    turns = []
    for match, after in zip_longest(speakers, speakers[1:]):
        limit = after.start() if after else len(text)
        if match.start() in opening and is_table:
            limit = _end_of_section(text, match.end(), limit)
        elif match.start() in opening or is_interview:
            limit = min(limit, _end_of_line(text, match.end()))
        else:
            limit = min(limit, _end_of_words(text, match.end()))
        end = match.end() + len(text[match.end() : limit].rstrip())
        turns.append(Turn(Span(*match.span("speaker")), Span(match.end(), end)))
    return tuple(turns)


def _match_speaker(text: str, at: int) -> re.Match[str] | None:
    match = _SPEAKER.match(text, at)
    return None if match is None or _VERB_END.search(match["speaker"]) else match


def _add_bare_names(
    text: str, starts: Sequence[int], speakers: Sequence[re.Match[str]]
) -> list[re.Match[str]]:
    """Take those for speakers who bear a full name or speak more than once."""
    known = {match.start() for match in speakers}
    bare = [match for at in starts if at not in known and (match := _BARE.match(text, at))]
    counts = Counter(match["speaker"] for match in bare)
    found = [
        match
        for match in bare
        if counts[match["speaker"]] >= BARE_MIN_TURNS or re.fullmatch(_NAME, match["speaker"])
    ]
    named = [match for match in found if not _VERB_END.search(match["speaker"])]
    return sorted([*speakers, *named], key=lambda match: match.start())


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)


def _end_of_words(text: str, at: int) -> int:
    """The end of the quote that opens at `at`, else of the sentence."""
    if text[at] == "“" and (close := text.find("”", at, _end_of_line(text, at))) > 0:
        return close + 1
    end = _SENTENCE_END.search(text, at)
    return end.end() if end else len(text)


def _end_of_section(text: str, at: int, limit: int) -> int:
    """The last line before a heading: a short line without a stop."""
    end = _end_of_line(text, at)
    while end < limit:
        next_end = _end_of_line(text, end + 1)
        if _is_heading(text[end + 1 : next_end]):
            break
        end = next_end
    return min(end, limit)


def _is_heading(line: str) -> bool:
    return len(line) <= HEADING_MAX_CHARS and line[-1:] not in tuple("。！？…”）；：，")
