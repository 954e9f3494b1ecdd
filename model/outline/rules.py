"""Kinds of lines by rules: what a line looks like, and what stands above and below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from model.cleaning.characters import HAN
from model.cleaning.margins import KICKER
from model.cleaning.names import FULL_NAME
from model.outline.shape import Line

HEADING_MAX_CHARS = 45
CAPTION_MAX_CHARS = 70
PROSE_MIN_CHARS = 45
# So many lines at most stand above the first paragraph: title, kicker, byline, captions.
HEAD_MAX_LINES = 7
MIN_CAPTION_CHARS = 4
SENTENCE_MIN_CHARS = 20
SIGNED_LINES = 3  # a notice is signed in its last lines

_DATE = r"(?:19|20)\d\d[ ]?[-/.年][ ]?\d{1,2}[ ]?[-/.月][ ]?\d{1,2}日?"
_DATELINE = re.compile(
    rf"(?:(?:发布|更新|发表)?(?:时间|日期)[：:][ ]?)?{_DATE}(?:[ ][^，。]{{0,40}})?"
    r"|[（(]?(?:原标题|链接|原文链接|本文来源)[：:].{0,80}"
    r"|(?:文章)?(?:来源|稿源|出处|信息来源|标签|本文摘自|文章摘自|文章来源)[：:].{0,60}"
    r"|(?:本文|文章)摘自.{0,40}"
)
_SIGNATURE = re.compile(
    rf"[{HAN}]{{2,20}}(?:委员会|局|厅|办公室|政府|医院|中心|部)(?:[ ]?{_DATE})?"
)
_ROLE = r"(?:记者|通讯员|作者|编辑|责编|摄影|供稿|撰文|文|图|校对|审核|采写|策划)"
_BYLINE = re.compile(
    rf"(?:(?>[{HAN}]{{0,12}}?{_ROLE})[ ：:/丨|]*+{FULL_NAME}[ 、]*+){{1,9}}"
    r"(?:文|图|文/图|摄|摄影|报道)?"
    rf"|(?:■|●|◎|□)?[ ]?本[报刊网](?:首席|见习|特约)?(?:记者|通讯员)[ ]?.{{2,30}}"
)
_TOOK = re.compile(
    r"(?:摄|/摄|供图|图片|资料图|截图|摄影报道|[ ）]图)[）)]?$"
    r"|^（[^（）：]{3,30}）$|^(?:[△▲▼↑↓]|图(?:片|[为：:一二三四五六七八九\d])|[上下左右]图)"
    r"|(?:受访者|院方|通讯员)供图"
)
_BOX = re.compile(
    r"(?:【?(?:核心提示|内容提要|提要|摘要|导读|编者按|编者的话|新闻链接|相关链接|链接|背景|新闻背景"
    r"|延伸阅读|知识链接|名词解释|小贴士|小知识|看点|数读|专家简介|医生简介|作者简介|人物简介|.{2,6}简介"
    r"|专家名片|名医简介|专家介绍)】?[：: ]?)"
)
_LEAD = re.compile(r"【?(?:核心提示|内容提要|提要|摘要|导语|导读)】?[：: ]")
_ASKS = re.compile(r"(?:问|Q\d*|提问|记者|主持人|.{2,8}[报网]|【?提问】?)[：:]")
_ANSWERS = re.compile(r"(?:答|A\d*|回答)[：:]")
_CONTACT = re.compile(
    r"^(?:联系人|联系方式|QQ群|联系电话|电话|传真|邮箱|联系邮箱|地址|网址|附件|附[：:表]|咨询电话|客服)|\d{3,4}[-－—]\d{7,8}"
)
_SCENE = re.compile(
    r"(?:院|中心|站|室|楼|局|部|基地|广场|大厅|小区|现场|一角|[外全场实]景|画面)。$"
)
_CLAUSE = re.compile(r"[，。；]")


def name_surely(lines: Sequence[Line], turns: Sequence[bool]) -> list[str]:
    """Return the kind of each line that its words, number or place settle, else ""."""
    kinds = [_alone(line, is_turn) for line, is_turn in zip(lines, turns, strict=True)]
    _name_lists(lines, kinds)
    for i in range(max(1, len(lines) - SIGNED_LINES), len(lines)):
        if not kinds[i] and _SIGNATURE.fullmatch(lines[i].text) and lines[i - 1].is_ended:
            kinds[i] = "dateline"
    _name_captions(lines, kinds)
    for i, (line, below) in enumerate(pairwise(lines)):
        if not kinds[i] and kinds[i + 1] == "list_item" and _opens_list(line, below):
            kinds[i] = "paragraph"
    return kinds


def name_kinds(lines: Sequence[Line], turns: Sequence[bool]) -> list[str]:
    """Return the kind of each line but the title.

    Args:
        lines: the lines of an article, in order.
        turns: whether a speaker opens the line, one for each.
    """
    kinds = name_surely(lines, turns)
    _number_the_rest(lines, kinds)
    _name_headings(lines, kinds)
    return [kind or "paragraph" for kind in kinds]


def _alone(line: Line, is_turn: bool) -> str:
    """The kind that a line shows by itself, or an empty string."""
    words = line.text
    if line.is_row:
        return "table_row"
    if words[0] in "、，。；）":  # the second half of a torn sentence
        return "paragraph"
    kind = _by_pattern(words) if len(words) <= CAPTION_MAX_CHARS else ""
    return kind or _by_opening(words, is_turn)


def _by_opening(words: str, is_turn: bool) -> str:
    if _ASKS.match(words) and words[-1] in "？?":
        return "question"
    if is_turn or _ANSWERS.match(words):
        return "speaker" if words[-1] in "：:" else "turn"
    return "lead" if _LEAD.match(words) else ""


def _by_pattern(words: str) -> str:
    if _DATELINE.fullmatch(words):
        return "dateline"
    if _BYLINE.fullmatch(words):
        return "byline"
    if _TOOK.search(words) and words.count("。") <= 1:
        return "caption"
    if _CONTACT.search(words):
        return "other"
    return "sidebar" if _BOX.fullmatch(words) else ""


def _name_lists(lines: Sequence[Line], kinds: list[str]) -> None:
    """Lines numbered one after the other are a list; so are bullets side by side."""
    for i, (above, below) in enumerate(pairwise(lines)):
        same = above.style and above.style == below.style
        if same and below.number - above.number in (0, 1):
            for j in (i, i + 1):
                kinds[j] = kinds[j] or "list_item"


def _number_the_rest(lines: Sequence[Line], kinds: list[str]) -> None:
    """A paragraph with a number, its neighbours in the list having paragraphs of their own."""
    for i, line in enumerate(lines):
        is_long = line.style and line.is_ended and len(line.text) > HEADING_MAX_CHARS
        if not kinds[i] and is_long and line.style not in ("one_is", "ordinal"):
            kinds[i] = "list_item"


def _name_headings(lines: Sequence[Line], kinds: list[str]) -> None:
    """A short line without a closing sign heads the prose below it."""
    is_below = False
    for i in range(len(lines) - 1, -1, -1):
        if not kinds[i] and is_below and _is_heading(lines[i]):
            kinds[i] = "paragraph" if _opens_list(lines[i], lines[i + 1]) else "heading"
        is_below = is_below or not kinds[i]


def _opens_list(line: Line, below: Line) -> bool:
    return line.text[-1] in "：:" and not line.style and bool(below.style)


def _is_heading(line: Line) -> bool:
    words = line.text
    if len(words) > HEADING_MAX_CHARS or words[-1] in "。；，、…,":
        return False
    return not (line.is_ended and len(_CLAUSE.findall(words)) > 1)


def _name_captions(lines: Sequence[Line], kinds: list[str]) -> None:
    """Short lines between title and first paragraph, or below the last, describe pictures."""
    prose = [i for i, line in enumerate(lines) if len(line.text) >= PROSE_MIN_CHARS]
    if not prose:
        return
    above = range(1, prose[0])
    opens = not lines[0].is_ended and lines[0].text[-1] not in "：:"
    several = (
        opens and len(above) <= HEAD_MAX_LINES and sum(map(_may_caption, lines[1 : prose[0]])) > 1
    )
    for i in above:
        if kinds[i] or not _may_caption(lines[i]):
            continue
        if i == 1 and KICKER.fullmatch(lines[i].text):
            kinds[i] = "kicker"
        elif several or _is_noun(lines[i]):
            kinds[i] = "caption"
    for i in range(prose[-1] + 1, len(lines)):
        if not kinds[i] and _is_noun(lines[i]) and _SCENE.search(lines[i].text):
            kinds[i] = "caption"


def _may_caption(line: Line) -> bool:
    """Words without a number, a label or an end, or closed by a full stop alone."""
    words = line.text
    if line.style or "：" in words or not MIN_CAPTION_CHARS <= len(words) <= HEADING_MAX_CHARS:
        return False
    return _is_noun(line) or not line.is_ended


def is_possible(kind: str, line: Line) -> bool:
    """Say whether a line may be of a kind: what reads like a paragraph is no heading."""
    if kind in ("heading", "title", "kicker", "furniture", "table_row", "byline", "dateline"):
        return not (line.is_ended and len(line.text) >= SENTENCE_MIN_CHARS and "。" in line.text)
    if len(line.text) < PROSE_MIN_CHARS or not line.is_ended:
        return True
    if kind == "list_item":
        return bool(line.style) or "：" in line.text[:8] or line.text[-1] in "；;"
    return kind in ("paragraph", "lead", "turn", "quote") or bool(_TOOK.search(line.text))


def _is_noun(line: Line) -> bool:
    """`某县人民医院。`: a few words closed by a full stop."""
    words = line.text
    return len(words) <= HEADING_MAX_CHARS and words[-1] == "。" and not _CLAUSE.search(words[:-1])
