"""Guarantees: what no sentence of a summary may be, checked on every one that could be taken."""

from __future__ import annotations

import re

from model.cleaning.heading import is_dateline
from model.pairs import find_pairs

# A text without any full stop has none at the end of what it says.
_SENTENCE_END = re.compile(r"[。！？]")
_COMPLETE = re.compile(r"[。！][”’）)]*$")
_MIN_CHARS = 12
_QUESTION = re.compile(r"[？?](?![^“”]*”)|^@")
_SPEAKER = re.compile(
    r"^[^，]{2,40}(?:表示|介绍|说|道|指出|告诉记者|呼吁|强调|提醒)[^，。：\d]{0,5}[。：]$"
)
# Credits and what stands under a picture.
_CREDIT = re.compile(
    r"(?:记者|通讯员|实习生|见习记者)[ ：:]+[\u4e00-\u9fff]{2,3}|[讯电][ ]?[（(]"
    r"|[（(](?:记者|通讯员)|记者[\u4e00-\u9fff]{2,9}通讯员"
    r"|^[▲△▼]|[如见][上下左右]?图(?:所示|）)|供图|摄影?[。）)]|^图[为：]|资料图|扫码|点击|(?:电话|热线)[：:]|责任?编辑?[：:]|来源[：:]|查看更多|原标题"
)
# A headline or a heading runs into the sentence at a blank.
_GLUED = re.compile(r"^[^，。：；]{4,40}[\u4e00-\u9fff”！] [\u4e00-\u9fff“]")
_FIRST_PERSON = re.compile(r"[咱俺]|[我](?!国|省|市|县|区|州|院|局|委|校|镇|乡|村|科)|[你您]")
# Titles and names in quotation marks may be worded as they like.
_QUOTED = re.compile(r"“[^“”。]{1,40}”|《[^《》]*》")
# `一是…` of a list whose other points are not there.
_FIRST_OF_LIST = re.compile(
    r"^(?:一是|其一|（一）|一、|1[.、])(?!.*(?:二是|其二|（二）|二、|2[.、]))"
)
# What a player or a page says of itself: `PausePlay%buffered00:00`.
_MACHINE = re.compile(r"[A-Za-z%]{12}(?:\d|[A-Z])|%buffered|\d\d:\d\d\d\d:\d\d")
# A line of somebody's life: `周明，男，汉族，1969年3月出生`.
_LIFE = re.compile(
    r"，[男女]，(?:[\u4e00-\u9fff]{1,4}族，)?(?:\d{4}年|[^，。]{0,6}(?:出生|学历|党员))|^历任"
)
# Words that only say what somebody is: `县医院首席专家。`
_NOBODY = re.compile(
    r"^[^，；：是为有在将被把了过着任获当成做让使能会可应要说表示]{6,40}[使员长师授士者任家]。$"
)
_SLOGAN = re.compile(r"！|[吧啦哦呀]。$")
_TORN = re.compile(r"^[，。；：、）)”’》！？…]|^(?:和|与|及|以及|的|了)(?![平谐睦田硕])")


def find_fault(words: str, text: str) -> str | None:
    """Return why words must not stand in a summary, in Chinese; None where nothing speaks against.

    Args:
        words: a sentence as a summary would take it.
        text: the article's text.
    """
    if is_dateline(words):
        return "电头"
    if len(words) < _MIN_CHARS:
        return "太短"
    if not _SENTENCE_END.search(text):
        return None
    plain = _QUOTED.sub("“”", words)
    faults = [fault for fault, pattern in _FAULTS if pattern.search(plain)]
    if not _COMPLETE.search(words):
        faults.append("没有说完")
    if find_pairs(words)[1]:
        faults.append("引号或括号不成对")
    return faults[0] if faults else None


def is_whole(words: str, text: str) -> bool:
    """Whether words are a sentence with whole pairs, or a text without full stops has none."""
    complete = _COMPLETE.search(words) or not _SENTENCE_END.search(text)
    is_long = len(words) >= _MIN_CHARS
    return bool(complete) and is_long and not find_pairs(words)[1] and not is_dateline(words)


# A caption runs into a sentence that names the same: `县医院护士朱明县医院护士朱明已经……`.
_DOUBLED = re.compile(r"^.{0,6}?(?P<name>[\u4e00-\u9fff]{6,20}).{0,4}(?P=name)")
# `2.高温天应……`: a point of a list by itself.
_NUMBERED = re.compile(r"^\d{1,2}[.．、](?!\d)")

_FAULTS = (
    ("问句", _QUESTION),
    ("只有说话人", _SPEAKER),
    ("署名或图注", _CREDIT),
    ("粘连的标题", _GLUED),
    ("粘连的标题", _DOUBLED),
    ("残缺的列举", _NUMBERED),
    ("第一人称", _FIRST_PERSON),
    ("残句", _TORN),
    ("残缺的列举", _FIRST_OF_LIST),
    ("网页字符", _MACHINE),
    ("口号", _SLOGAN),
    ("简历", _LIFE),
    ("没有谓语", _NOBODY),
)
