"""Credits: who wrote, took, edited and passed on; on lines of their own or glued to the text."""

from __future__ import annotations

import re

from model.cleaning.characters import HAN
from model.cleaning.mapped import MappedText
from model.cleaning.names import FULL_NAME

_NAME = rf"[{HAN}·]{{2,4}}"
_NAMES = rf"{_NAME}(?:[ 、，/]{{1,2}}{_NAME}){{0,8}}"
_ROLE = (
    r"(?:(?:首席|见习|实习|特约|全媒体|融媒体?|高级|资深|摄影|总台|本报|本网|本台|通讯社|报社){0,2}"
    r"(?:记者|通讯员|实习生|特派员)|文/图|图/文|文图|图文|文字|供稿|供图|撰文|撰稿|采写|作者"
    r"|摄影|摄像|编译|编辑"
    r"|责编|责任编辑|值班编辑|新媒体编辑|校对|审校|审核|审读|监制|主编|编审|统筹|策划|终审|初审"
    r"|复审|一审|二审|三审"
    r"|来源|稿源|图源|图片来源|图据|文案|剪辑|主播|翻译|排版|制图|设计|出品|总策划|制片人|编导"
    r"|版式|美编)"
)
# A role and its names, with or without the paper before it: `扬子晚报记者 张某校对 李某`.
_ITEM = re.compile(
    rf"[（(【\[]?(?:[{HAN}A-Za-z·]{{2,12}}(?:报|网|社|台|新闻|客户端|中心|在线|发布)[/、]?)?{_ROLE}"
    rf"(?:[ \t]?[：:丨|/][ \t]?[{HAN}A-Za-z0-9@·“”《》 、，/—-]{{2,40}}?|[ \t]{_NAMES}|(?<=审|对"
    rf"|编){_NAME})"
    rf"(?:[ \t]?(?:报道|摄影报道|摄))?[ \t]?[）)】\]]?(?=[ \t]?(?:[（(【\[]|{_ROLE}"
    rf"|[{HAN}]{{2,8}}(?:报|网)|$))"
)
_SENTENCE_END = re.compile(r"(?:[。！？]|…+)[”’」』）)》】]*")
TAIL_MAX_CHARS = 200
# What may close an article behind its last sentence, besides roles with names.
_CLOSING = re.compile(
    r"[（(]完[）)]|分享让更多人看到|更多精彩内容请进入.{2,8}?(?:频道|新闻)"
    r"|转载是一种动力 分享是一种美德"
    r"|(?:本文封面|部分)?图片.{0,12}(?:来源|来自)?网络.{0,8}(?:侵[权删].{0,12})?"
    r"|如有侵权请?联系.{0,12}删除"
    r"|版权归(?:属)?原作者所有，?(?:向原创致敬)?|\*?文汇独家稿件，转载请注明出处。?"
    r"|点亮[“]?在看.{0,12}"
    r"|本文属于原创文章，如若转载，请注明来源[：:].{0,80}|https?://[\w./?=&%-]+|本版导读"
    r"|此稿配有图片"
    r"|《[^》]{2,10}报》[ \t]?[（(].{4,30}版[）)]|新华社发|·?END·?|[·*—─]{1,}"
    r"|此文内容为企业供稿，仅供参考|本文内容由企业供稿仅供参考"
)
# A last bracket names who sent the story in, unless it notes something on the story.
_SENDER = re.compile(
    r"[（(【\[](?!.{0,8}[注附见截]|.{0,24}(?:化名|数据|除外))[^。；]{2,30}[）)】\]]"
)
_TOOK = r"[ \t]?(?<!拍)摄(?![影像入取制氏护])"
_PHOTOGRAPHER = (
    rf"(?:(?:(?:[{HAN}]{{2,8}}(?:社|报|网|台|新闻))?(?:首席|全媒体|见习)?记者[ \t]?|[ 。）(（/]"
    rf"|支队 )"
    rf"{FULL_NAME}(?:[ \t]{FULL_NAME}){{0,2}}{_TOOK})"
)
# A caption: a short line of its own with its photographer.
_CAPTION_LINE = re.compile(
    rf"^[ \t]*+[△▲▼↑↓]?(?:[^\n。！？]{{2,60}}[。 ]?[ \t]*+"
    rf"(?:摄/?[ \t]?\S{{1,4}}|{_NAME}[ \t]?摄(?:影)?"
    rf"|供图|资料图|图源[：:].{{2,12}})[ \t]*+"
    r"|.{0,12}(?:受访者|医院|通讯员|单位|主办方|图).{0,12}供图)[）)]?$",
    re.MULTILINE,
)
# The same between two sentences of a paragraph: behind a full stop, up to the photographer.
_CAPTION_GLUED = re.compile(
    rf"(?:(?<=[。！？])"
    rf"|(?<=[。！？]”))[ \t]*[△▲▼↑↓]?(?:[^。！？：“”\n]{{0,60}}(?:。[ \t]?)??{_PHOTOGRAPHER}"
    rf"|{FULL_NAME}{_TOOK})[）)]?[ \t]*(?=[{HAN}\d“])"
)
# `张某 李某 图片除署名外由某某委员会提供`.
_PICTURES_BY = re.compile(
    rf"^(?=.{{4,60}}$)[ \t]*(?:{_NAME}[ \t]){{0,4}}(?:本[版文]|文中|除署名外)?图片?(?:/|均|由"
    rf"|除署名外|[ \t])"
    r".{0,30}(?:提供|供图)[ \t]*$",
    re.MULTILINE,
)
# A byline on a line of its own, sign by sign: `某某报记者 王某 通讯员 李某`.
BYLINE_MAX_CHARS = 80
_SIGNS = re.compile(r"[ 、，/：:|丨()（）【】\[\]]+")
_WRITER = re.compile(
    rf"(?:[{HAN}A-Za-z·-]{{0,14}}(?:记者|通讯员|实习生)|文字?|图|供[稿图]|采写|撰文|作者|责编"
    rf"|责任编辑|编辑|校对|审核"
    rf"|[一二三初复终]审)(?:{_NAME})?"
)
_BYLINE_WORD = re.compile(rf"{_NAME}|报道|摄影报道|摄|{_ROLE}(?:{_NAME})?")


def drop_credits(mapped: MappedText) -> MappedText:
    """Drop bylines, captions that name their photographer, and credits behind the last sentence."""
    for pattern in (_PICTURES_BY, _CAPTION_LINE, _CAPTION_GLUED):
        mapped = mapped.delete_matches(pattern)
    text = mapped.text
    bylines = [span for span in mapped.line_spans() if _is_byline(text[slice(*span)])]
    mapped = mapped.delete(bylines)
    return mapped.delete([_find_tail(mapped.text)])


def _is_byline(line: str) -> bool:
    if len(line) > BYLINE_MAX_CHARS:
        return False
    words = [word for word in _SIGNS.split(line) if word]
    writers = [word for word in words if _WRITER.fullmatch(word)]
    others = [word for word in words if word not in writers]
    return bool(writers) and len(words) > 1 and all(map(_BYLINE_WORD.fullmatch, others))


def _find_tail(text: str) -> tuple[int, int]:
    """Return the stretch behind the last sentence where it holds credits and nothing else."""
    window = max(0, len(text) - TAIL_MAX_CHARS)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, window)]
    if not ends:
        return (0, 0)
    for start in ends[-3:]:  # a credit may hold a full stop of its own
        if _is_credits(text[start:]):
            return (start, len(text))
    return (0, 0)


def _is_credits(tail: str) -> bool:
    rest = _CLOSING.sub("", tail)
    rest = _SENDER.sub("", _ITEM.sub("", rest))
    return not re.search(r"\w", rest)
