"""Openings: what stands before a sentence says its own: headline, credit, source, connective."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from model.cleaning.characters import HAN
from model.spans import Span

HEAD_SENTENCES = 4  # to these a headline or a credit may be glued
CREDIT_RULE, HEADLINE_RULE = "电头", "标题"
# Cuts of what is no part of the sentence: figures in it do not hold them back.
HEAD_RULES = frozenset({CREDIT_RULE, HEADLINE_RULE})
SAID = r"(?:表示|介绍道?|说|称|指出|认为|告诉记者|透露|坦言|强调)"
FIRST_PERSON = re.compile(r"[我咱俺](?!国|省|市|县|区|州)")

# A headline without a mark of its own runs into a credit or into the day of the news.
_NAME = rf"(?!见习|实习|记者|通讯员)[{HAN}]{{2,3}}"
_NAMES = rf"{_NAME}(?:[ 、·]++{_NAME}){{0,5}}"
_NEWS = r"(?=[ ，：:]*(?:\d|近[日期]|日前|昨[日天]|今[日天年]|连日|为[了切进深]|“))"
_HEADLINE_CHARS = 90
_CREDIT_INSIDE = re.compile(
    r"(?:(?:讯|电|消息|报[道导])[ ]?[（(〔][^）)〕。]{2,60}[）)〕]"
    r"|[（(〔](?:本报|全媒体)?(?:记者|通讯员)[^）)〕。]{2,60}[）)〕]"
    rf"|(?:实习|见习|全媒体|特约|首席)?(?:记者|通讯员)[ :：]+{_NAMES}"
    rf"(?:[ ]*+(?:记者|通讯员|实习生)[ :：]?{_NAMES}){{0,3}}(?:[ ]*+[{HAN}]{{0,6}}报[道导])?{_NEWS}"
    r"|(?<!\d)\d{1,2}月\d{1,2}日(?:讯|电)(?![力视话影动脑商])[ ]?"
    r"(?:[（(〔][^）)〕。]{2,40}[）)〕])?"
    r"|(?<=[报网社台闻媒])讯(?=[ ]?(?:\d|近日|日前|为|记者))|本报综合(?=\d))[ ，：:]*"
)
_DAY = re.compile(
    r"(?:近[日期]|日前|连日来|昨[日天]|今[日天]"
    r"|20\d\d年\d{1,2}月|(?:20\d\d年)?(?<!\d)\d{1,2}月\d{1,2}日(?:[上下]午|[清凌]?晨|早上|晚上?)?)，"
)
_HEADLINE = re.compile(
    r"^(?:[^。]{7,90}[^。“，、：；\s\d在于从自至到截即及和与当每为了的—\-年月日时间][ ]?"
    r"|[^。]{7,90}……)"
)
_BODY = re.compile(
    r"“?(?:在|由|从|记者|“[^”]{1,60}”|[^，。：；“？！]{1,24}(?:省|市|县|区|州|旗|镇|乡|街道|村|社区|院|局|委|政府|中心|站"
    r"|集团|公司|学会|协会|大学|学院|学校|团队|支部|医生|国))"
)
# A headline runs into the purpose of the news, or into its source.
_GLUED = re.compile(
    r"^(?:[^。，]{8,60}[^。，“ ](?= 为(?:[了进切深全贯落持加提推弘有更普增])[^，]{4,}，)[ ]"
    r"|[^。，]{8,60}[^。，“根依占证收](?=据[^，。]{2,12}(?:消息|报道|通报)，)"
    r"|[^。，]{8,60}?[^。，“作因认成](?=为(?:大力|进一步|切实|在|让|使|深入|贯彻|推[动进]|普及|增强|提[高升]|全面|持续"
    r"|做好|营造|弘扬|更好|有效|充分|加强|保障|了)[^。；]{4,90}?，(?:近日|日前|\d{1,2}月\d{1,2}日|[^，。]{2,12}"
    r"(?:省|市|县|区|州|旗|镇|院|局|委|政府|中心|集团|学会|协会))))"
)
_CAPTION = re.compile(
    rf"^(?:(?:视频|网页|微博)截图|资料图片?|图为[^，。]{{2,20}}。|[{HAN}]{{2,12}}供图[ ]?)"
    r"(?=[^。]{12,})"
)

# `某地卫健委回应 据某某网8月14日消息，`, `红星资本局8月10日消息，`: a headline runs into it.
_SOURCE_INSIDE = re.compile(
    r"(?<![根依占证收数论票凭])据[^，。；：“”]{0,16}(?:“[^“”]{1,24}”[^，。；：“”]{0,16})?(?:消息|报道|通报|公告|公号)，"
    r"|[^，。；：]{0,12}(?<!\d)\d{1,2}(?:月\d{1,2})?日(?:消息|报道|通报)，"
)
_CREDIT = re.compile(
    rf"^(?:记者[{HAN}]{{2,3}}(?:，通讯员[^。，：]{{2,20}})?报道："
    r"|^[^，。：；]{0,14}(?:讯|电|消息|报道)[ ]?[（(][^）)]{2,40}[）)][ ，：:]?"
    r"|^[（(](?:记者|通讯员|文|本报)[^）)]{0,40}[）)][ ，：:]?|^[（(]新闻联播[）)][：:]"
    r"|^央视网消息[ ]?[：:（]?|^[^，。：；]{0,10}(?:[报网社台刊]|新闻)讯(?![息问])[ ，：:]?"
    r"|^[^，。：；]{0,14}\d{1,2}月\d{1,2}日(?:讯|电)[ ，：:]?)"
)
_SOURCE = re.compile(
    r"^(?:(?:\d{1,2}月\d{1,2}日|近日|日前|今天|昨日|昨天)?[，]?(?:[^，。：；“]{0,8}记者)"
    r"[^，。：；“]{0,24}(?:获悉|了解到|得知|看到|注意到)|获悉"
    r"|(?:近日|日前|今[天日]|昨[天日]|\d{1,2}月\d{1,2}日)?从[^，。：；“]{2,24}(?:获悉|了解到|得知)"
    r"|据(?:悉|了解|介绍|统计|通报|报道|不完全统计|记者了解)"
    r"|据[^，。：；“\d]{2,30}(?:介绍|透露|消息|统计|通报)"
    rf"|[他她](?:还|进一步)?{SAID})[，：:]"
)
_PURPOSE = re.compile(
    r"^为(?!期|民|主|止|由|何|准|首|例|人|患者|群众|[^，]{0,6}提供)[^。；]{4,90}?，"
    r"(?=(?:近日|日前|\d{1,2}月\d{1,2}日|\d{4}年|今年|去年|上午|当天)"
    r"|(?![推提促加进深强保确让使完解落贯激营弘倡构打建增满改优充切积有更方引普丰缓不全展助帮搭发形实])"
    r"[^，、“]{2,12}(?:省|市|县|区|州|旗|院|局|委|政府|中心|集团|学会|协会)[^，]{2,})"
)
NUMBER = re.compile(r"\d|[一二三四五六七八九十百千万两]{1,8}(?:[个家名人项倍]|成)")
_REFERS = re.compile(r"[该其此当]|上述")
_STOPPED = re.compile(r"[。；]")
# `报道称，`, `说明称，经核实，`: who says so is named elsewhere, or nowhere.
_TOLD_BY = re.compile(
    r"^(?:报道|说明|通报|公告|消息|声明|文章|网传消息|回应)(?:还|中|内容)?[称说]，(?:经[^，。]{2,4}，)?"
)
_NTH = "一二三四五六七八九十"
# `二是`, `第三，`, `（四）`, `5.`: a point of a list says the same without its number.
_NUMBERED = re.compile(
    rf"^(?:[{_NTH}]{{1,2}}(?:是(?![否非为])|、(?![{_NTH}]))|第[{_NTH}]{{1,2}}[，、]|其[{_NTH}](?:是|，)"
    rf"|（[{_NTH}]{{1,2}}）|\d{{1,2}}[.．、](?!\d)|[①-⑳])"
)
_MORE_NUMBERS = re.compile(
    rf"[；，。：](?:[{_NTH}]{{1,2}}是|其[{_NTH}]|第[{_NTH}]{{1,2}}，|（[{_NTH}]）|[①-⑳])"
)
_BARE_SOURCE_CHARS = 5
_CONNECTIVE = re.compile(
    r"^(?:此外|另外|除此之外|与此同时|同时|随后|据此|对此|为此|因此|由此|至此|所以|然而|但是|不过"
    r"|值得一提的是|值得注意的是|需要注意的是|不仅如此|近日|日前|连日来|最后|总之|可以说|比如|例如)，|^答："
)


@lru_cache(maxsize=1_024)  # an article's sentences are asked for by clauses, seams and versions
def find_openings(sentence: str, *, near_head: bool = False) -> tuple[tuple[Span, str], ...]:
    """Return what a sentence can lose at its start, one behind the other, with the rule's name.

    Args:
        sentence: one sentence with its closing mark.
        near_head: it is among an article's first, where the credit of the news may stand.
    """
    return tuple(_read_openings(sentence, near_head=near_head))


def _read_openings(sentence: str, *, near_head: bool) -> Iterator[tuple[Span, str]]:
    at = 0
    finders = (*_AT_HEAD, *_OPENINGS) if near_head else _OPENINGS
    while True:
        for name, find in finders:
            n_chars = find(sentence[at:])
            rest = sentence[at + n_chars :]
            if n_chars and rest and not _needs_speaker(sentence[at : at + n_chars], rest):
                yield Span(at, at + n_chars), name
                at += n_chars
                break
        else:
            return


def _measure(pattern: re.Pattern[str]) -> Callable[[str], int]:
    def find(sentence: str) -> int:
        found = pattern.match(sentence)
        return found.end() if found else 0

    return find


def _measure_credit(sentence: str) -> int:
    """Characters to the end of a credit that stands behind a headline or a caption."""
    found = _CREDIT_INSIDE.search(sentence, 0, 2 * _HEADLINE_CHARS)
    near = found and found.start() <= _HEADLINE_CHARS and "。" not in sentence[: found.start()]
    return found.end() if found and near else 0


def _measure_source(sentence: str) -> int:
    """Characters to the end of a source that stands behind a headline, or alone."""
    found = _SOURCE_INSIDE.search(sentence, 0, 2 * _HEADLINE_CHARS)
    if (
        found is None
        or found.start() > _HEADLINE_CHARS
        or _STOPPED.search(sentence[: found.start()])
    ):
        return 0
    return 0 if _REFERS.match(sentence, found.end()) else found.end()


def _measure_number(sentence: str) -> int:
    """Characters of the number of a list's point, where no other point is in the sentence."""
    found = _NUMBERED.match(sentence)
    return 0 if found is None or _MORE_NUMBERS.search(sentence) else found.end()


def _measure_headline(sentence: str) -> int:
    """Characters of a headline glued to the day, the purpose or the source of the news."""
    for day in _DAY.finditer(sentence, 0, _HEADLINE_CHARS):
        headline = sentence[: day.start()]
        balanced = headline.count("“") == headline.count("”")
        if balanced and _HEADLINE.fullmatch(headline) and _BODY.match(sentence, day.end()):
            return day.start()
    glued = _GLUED.match(sentence)
    return glued.end() if glued else 0


def _needs_speaker(opening: str, rest: str) -> bool:
    """Whether what is left hangs on the opening.

    `他说，我们医院……` loses who `我们` are, `据县医院介绍，该院……` which hospital; a quotation
    keeps who is quoted.
    """
    if _REFERS.match(rest) and len(opening) > _BARE_SOURCE_CHARS and _SOURCE.fullmatch(opening):
        return True
    speaks = re.search(rf"{SAID}[，：:]$", opening) is not None
    return speaks and (rest.startswith("“") or FIRST_PERSON.search(rest) is not None)


def _measure_purpose(sentence: str) -> int:
    """`为弘扬……，8月18日，`: the purpose that opens a sentence, if it counts nothing."""
    found = _PURPOSE.match(sentence)
    return found.end() if found and not NUMBER.search(found[0]) else 0


# What a player says of itself before the text: `PausePlay%buffered00:0001:19`.
_MACHINE = re.compile(r"^(?=[^\u4e00-\u9fff]{20})[^\u4e00-\u9fff]*[A-Za-z](?=[\d\u4e00-\u9fff])")

_AT_HEAD = ((CREDIT_RULE, _measure_credit), (CREDIT_RULE, _measure_source))
_OPENINGS = (
    (HEADLINE_RULE, _measure_headline),
    (CREDIT_RULE, _measure(_CREDIT)),
    ("网页字符", _measure(_MACHINE)),
    ("图注", _measure(_CAPTION)),
    ("消息来源", _measure(_SOURCE)),
    ("消息来源", _measure(_TOLD_BY)),
    ("序号", _measure_number),
    ("承接语", _measure(_CONNECTIVE)),
    ("目的", _measure_purpose),
)
