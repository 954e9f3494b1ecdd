"""Margins: what a web page copied whole has above its title and below its article.

Such a page repeats its title: in the browser's bar with the name of the site behind it, above the
article, in its lists of links. What stands above the title is navigation then. Below the last
paragraph, a line that opens links, notices or comments ends the article.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from model.cleaning.characters import HAN
from model.cleaning.mapped import MappedText

MIN_TITLE_CHARS = 8
PROSE_MIN_CHARS = 40
SENTENCE_MIN_CHARS = 16
MIN_PROSE_LINES = 3  # so many above a footer
SHORT_CHARS = 45
NAV_MAX_CHARS = 10
MIN_NAV_LINES = 5
MIN_HEADLINES = 3
_WORDLESS = re.compile(r"^[^\w\n]+$", re.MULTILINE)
_NOT_WORDS = re.compile(r"[\W_]+")
# `某某事-某某网`, `某某事_频道_某某网`, `某某事 - 某某门户网站`, `某某事 某某医院`.
_SITE_SIGN = re.compile(
    r"[ ]?[-_—|｜]|[ ](?=[^ ，。！？]{2,16}(?:医院|网|局|委|报|中心|学会|协会|公司)$)"
)
_SENTENCE = re.compile(r"，.*。[”’」』）)】]*$")
_PROSE = re.compile(r"[，。；]")
_ENDED = re.compile(r"[。；…][”’」』）)】]*$")
_NAV = re.compile(r"[^\d，。；：！？、“”（）]+")
# Two phrases side by side: `增进民生福祉 护佑群众康宁`.
KICKER = re.compile(rf"(?:[{HAN}“”]{{4,12}}[ ]){{1,2}}[{HAN}“”]{{4,12}}")
_DATE = re.compile(r"(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}")
# What opens the links, notices and comments below an article.
_CLOSES = re.compile(
    r"(?:[【✦★\[《/·▌|]?[ ]?(?:相关(?:新闻|稿件|报道|阅读|文章|推荐|资讯)|延伸阅读"
    r"|推荐(?:阅读|文章|新闻)|为您推荐|猜你喜欢|热门(?:推荐|排行|文章|新闻|评论|话题)"
    r"|热(?:新闻|话题|点新闻|门)|精彩(?:推荐|视频|图片)|最新(?:新闻|文章|资讯)"
    r"|往期(?:回顾|推荐)|更多(?:阅读|新闻|推荐|文章)|新闻排行|点击排行|排行榜|阅读下一篇"
    r"|扫一扫|网友评论|最新评论|我要跟帖|发表评论|评论区|用户评论|打开微信|分享到|内容纠错"
    r"|我要纠错|上一[篇条]|下一[篇条]|返回(?:首页|顶部|列表|网易)|友情链接|站点地图|网站地图"
    r"|责任编辑|网站标识码|免责声明|特别声明|版权声明|郑重声明|Copyright|copyright|COPYRIGHT|©"
    r"|版权所有)[^，。]{0,60})"
)
# Below these there is no article, whatever reads like a paragraph there.
_FOOTER = re.compile(
    r"[^，。]{0,40}(?:ICP备|公网安备|网站标识码|Copyright|copyright|COPYRIGHT|©|版权所有)"
    r"[^，。]{0,120}|[\d,]{1,7}[ ]?条评论|评论[ (（]*\d*[)）]?|我要跟帖|网友评论|发表评论"
    r"|已输入\d+字|查看更多评论.{0,10}"
)
_NOTICE = re.compile(
    r"^(?:[^，。\n]{0,8}(?:声明|提示|免责)[：:]"
    r"(?=[^\n]*(?:转载|自媒体|平台|仅代表|版权|本网|观点))[^\n]*"
    r"|Notice:[ ]?The content above[^\n]*|[^\n]{0,60}-->"
    r"|/?(?:阅读下一篇|返回网易首页|下载网易新闻客户端)/?"
    r"|本文(?:转载|转自|来源)(?:自|于)?(?:其他|网络|互联网)[^\n，]{0,10}|本文来自网络.{0,20}"
    r"|[^\n]{0,6};\}[ia]:\d[^\n]*)$",
    re.MULTILINE,
)


def drop_margins(mapped: MappedText) -> MappedText:
    """Drop what surrounds the article on a page that was copied whole."""
    mapped = mapped.delete_matches(_NOTICE).delete_matches(_WORDLESS)
    spans = mapped.line_spans()
    lines = [mapped.text[start:end].strip() for start, end in spans]
    prose = [i for i, line in enumerate(lines) if is_prose(line)]
    if not prose:
        return mapped
    end = _find_footer(lines, prose)
    prose = [i for i in prose if i < end]
    opening = next((i for i in prose if len(lines[i]) >= PROSE_MIN_CHARS), prose[0])
    first = find_top(lines, opening)
    title = lines[first]
    if first and KICKER.fullmatch(lines[first - 1]):
        first -= 1
    last = find_bottom(lines[:end], prose[-1], title)
    between = _find_navigation(lines, range(opening)) | _find_navigation(
        lines, range(prose[-1] + 1, last)
    )
    dropped = {*range(first), *range(last, len(lines)), *between}
    return mapped.delete(spans[i] for i in sorted(dropped))


def find_repeated_title(text: str) -> str:
    """Return the title of a page that has it more than once, or an empty string."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    prose = [i for i, line in enumerate(lines) if is_prose(line)]
    opening = next((i for i in prose if len(lines[i]) >= PROSE_MIN_CHARS), 0)
    at = find_top(lines, opening)
    return _DATE.split(lines[at])[0].strip() if at else ""


def _find_footer(lines: Sequence[str], prose: Sequence[int]) -> int:
    """The first line of a footer with most of the prose above it, or how many lines there are."""
    middle = prose[max(len(prose) // 2, min(MIN_PROSE_LINES, len(prose)) - 1)]
    below = range(middle + 1, len(lines))
    return next((i for i in below if _FOOTER.fullmatch(lines[i])), len(lines))


def is_prose(line: str) -> bool:
    """Say whether a line reads like a paragraph."""
    if len(line) >= PROSE_MIN_CHARS:
        return bool(_PROSE.search(line))
    return len(line) >= SENTENCE_MIN_CHARS and bool(_SENTENCE.search(line))


def find_top(lines: Sequence[str], first_prose: int) -> int:
    """Return the number of the title's line where the page has its title more than once.

    Above the first paragraph the longest counts, of its copies the last; 0 where there is none.
    """
    first = lines[0] if first_prose else ""
    cuts = [m.start() for m in _SITE_SIGN.finditer(first) if m.start() >= MIN_TITLE_CHARS]
    bare = {_NOT_WORDS.sub("", first[:cut]) for cut in cuts}
    counts = Counter(_NOT_WORDS.sub("", line) for line in lines)
    copies = [
        (len(words), i)
        for i in range(1, first_prose)
        if len(words := _NOT_WORDS.sub("", _DATE.split(lines[i])[0])) >= MIN_TITLE_CHARS
        and (words in bare or (i > MIN_NAV_LINES and counts[words] > 1))
    ]
    return max(copies, default=(0, 0))[1]


def find_bottom(lines: Sequence[str], last_prose: int, title: str) -> int:
    """Return the number of the first line below the article, or how many lines there are."""
    wanted = _NOT_WORDS.sub("", title)
    below = range(last_prose + 1, len(lines))
    ends = (i for i in below if _CLOSES.fullmatch(lines[i]) or _is_copy(lines[i], wanted))
    end = next(ends, len(lines))
    above = end
    while above - 1 > last_prose and _is_headline(lines[above - 1]):
        above -= 1
    is_list = end < len(lines) and end - above >= MIN_HEADLINES and above == last_prose + 1
    return above if is_list else end


def _is_copy(line: str, words: str) -> bool:
    return len(words) >= MIN_TITLE_CHARS and _NOT_WORDS.sub("", line) == words


def _is_headline(line: str) -> bool:
    return len(line) <= SHORT_CHARS and not _ENDED.search(line)


def _find_navigation(lines: Sequence[str], area: range) -> set[int]:
    """Runs of words of a menu."""
    found: set[int] = set()
    run: list[int] = []
    for i in [*area, -1]:
        if i >= 0 and len(lines[i]) <= NAV_MAX_CHARS and _NAV.fullmatch(lines[i]):
            run.append(i)
            continue
        if len(run) >= MIN_NAV_LINES:
            found.update(run)
        run = []
    return found
