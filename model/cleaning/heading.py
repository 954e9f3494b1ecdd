"""Heading: the title and the date of an article, where its text gives them."""

from __future__ import annotations

import re
from datetime import date

from model.cleaning.mapped import MappedText

TITLE_MAX_CHARS = 40
MIN_TITLE_CHARS = 6
LONG_TITLE_CHARS = 70
TITLE_WITHIN_LINES = 4
LABEL_MAX_CHARS = 5  # a column's name: `编者按`, `通知公告`
MIN_LINES = 2
# Titles of notices are long: `关于开展……活动的通知`, `……举办……大赛`.
_NOTICE_END = r"(?:通知|意见|公告|通告|函|批复|报告|方案|办法)"
_ORGANISED = re.compile(
    rf"关于.{{6,80}}的?{_NOTICE_END}$|】|[ ](?=\S{{6}})|举办|举行|召开|启动|开展"
)
# Below the names of the houses that issue it.
_SUBJECT = re.compile(rf"关于.{{6,60}}的?{_NOTICE_END}")
_HOUSES = re.compile(
    r"(?:(?>[\u4e00-\u9fff]{2,20}?(?:局|委|厅|部|办|室|政府|会|院|中心)+)[ 、]?+){1,9}"
)
_ABOVE_TITLE = re.compile(
    r"[（(]?(?:原标题|来源|稿源|时间|日期|作者|记者|编辑)[：:].{0,80}"
    r"|[^，。]{0,12}(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}[^，。]{0,30}"
)
# The name of the site behind a title, and what says whose copy it is.
_AROUND_TITLE = re.compile(
    r"[ ]?[-_|丨][ ]?[\u4e00-\u9fffA-Za-z]{1,10}(?:网|报|社|频道|客户端|在线)$"
    r"|[（(](?:转载?|图|组图|附图|视频)[）)]$"
)
_ORIGINAL = re.compile(r"原标题[：:][ ]?(?P<title>[^\n]{6,70}?)[ ]?[）)]?(?=\n|$)")
_DOUBLED = re.compile(rf"(?P<cut>(?P<title>[^\n，。；、]{{8,{TITLE_MAX_CHARS}}})[ \t]?)(?P=title)")

# `2023-07-27 16:01，正文：` opens every line of the public collection CRUD-RAG, at times torn.
COLLECTION_STAMP = re.compile(r"^\s*(?P<cut>[^。，\n]{0,40}，正文[：:])")
_DATES = re.compile(
    r"(?P<y>(?:19|20)\d\d)[ \t]?(?:年|[-/.])[ \t]?(?P<m>\d{1,2})[ \t]?(?:月|[-/.])[ \t]?"
    r"(?P<d>\d{1,2})(?:日|(?!\d))"
)
# A date settles the article's only where it stands alone, with a clock time or a dateline.
_DATELINE = re.compile(
    r"(?:讯|电|报道)[ \t]?[（(]|[（(][ \t]?(?:记者|通讯员)|来源[：:]|\d{1,2}:\d{2}|星期"
)
# A day and a clock time without a year: `08/16 14:21`.
_SHORT_DATE = re.compile(r"(?<!\d)(?P<m>\d{2})[-/](?P<d>\d{2}) \d{1,2}:\d{2}")
# A paper or site that heads its page.
_SITE = re.compile(
    r".{1,8}(?:新闻网|日报|晚报|早报|商报|时报|都市报|健康报|在线|客户端|频道|融媒|卫视)"
    r"|(?:人民|新华|央视|中新|光明|中国|健康|华龙|澎湃|腾讯|搜狐|网易|新浪|凤凰|大众).{0,4}网?"
)
# Behind the date nothing but a name: `2024年5月16日 云岭县融媒体中心`.
_NAME_ONLY = re.compile(r"(?: [^，。；]{0,24})?[ \t]*")
_DATE_ALONE = re.compile(
    rf"(?:(?:发布|发表|更新)?(?:时间|日期)[：:])?{_DATES.pattern}(?:[ \t]?星期.)?"
    r"(?:[ \t]?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?(?:[ \t][^，。；！？]{0,24})?"
)
_DATE_WITHIN_CHARS = 400
_SOURCE = re.compile(
    r"(?:来源|稿源|信息来源|文章来源|转自|转载自|来自)[ \t]?[：:][ \t]?《?"
    r"(?P<name>[^\s，。；：:|丨/()（）《》【】\[\]！？“”]{2,20})"
)
# These name nobody.
_NO_PUBLISHER = re.compile(
    r"互联网|网络|网上|本站|本网|原创|佚名|未知|综合|作者|编辑|时间|发布|点击|浏览|\d"
)
_MASTHEAD_END = re.compile(r"[ \t]?(?:$|[|丨>»_·-]|\d{4}年|第?[A-Z]?\d{1,3}版)")
# `新华社北京5月3日电`, `人民网武汉5月3日电`, `某某日报讯`.
_AGENCY = re.compile(
    r"(?:^|[\n（(])[ \t]*(?P<name>[\u4e00-\u9fff]{2,8}?(?:社|网|报))(?!讯|记者)[\u4e00-\u9fff]{0,8}"
    r"(?:\d{1,2}月)?\d{1,2}日[电讯]"
    r"|(?:^|\n)[ \t]*(?!本)(?P<paper>[\u4e00-\u9fff]{2,6}报)讯[ \t]?[（(]"
)
# A paper says where it printed a text: `《人民日报》（2023年08月02日 第14版）`.
_EDITION = re.compile(rf"[（(][ \t\xa0]*{_DATES.pattern}[^（）()\n]{{0,12}}版")
# A stamp whose year lost its century: `23-08-14 06:06`.
_TORN_STAMP = re.compile(r"^\s*(?P<day>\d\d-\d\d-\d\d)[ \t]\d{1,2}:\d\d")
_CENTURY = "20"
# The address of the original ends many a copy: `…/2025/08/03/VIDE….shtml`.
_ADDRESS = re.compile(r"https?://\S{1,80}?/(?P<y>20\d\d)[/-]?(?P<m>\d\d)[/-]?(?P<d>\d\d)/")


def take_stamp(mapped: MappedText) -> tuple[MappedText, str]:
    """Split off the stamp of a collection; return the rest and the date, or an empty string."""
    match = COLLECTION_STAMP.match(mapped.text)
    if match is None:
        return mapped, ""
    rest = mapped.delete([match.span("cut")])
    stamped, torn = _DATES.search(match["cut"]), _TORN_STAMP.search(match["cut"])
    if stamped:
        return rest, _iso(stamped)
    return rest, parse_date(_CENTURY + torn["day"]) if torn else ""


def find_date(text: str) -> str:
    """Return the ISO date of a date line near the top, or where the original is named, or empty."""
    for line in text[:_DATE_WITHIN_CHARS].split("\n"):
        match = _DATES.search(line)
        if match and (_DATELINE.search(line) or _NAME_ONLY.fullmatch(line, match.end())):
            return _iso(match)
    original = _EDITION.search(text) or _ADDRESS.search(text) or _find_same_day(text)
    return _iso(original) if original else ""


def find_publisher(text: str) -> str:
    """Return the paper or site that the text names as its source, or an empty string.

    A line `来源：…` counts before the masthead, the masthead before the agency of the dateline.
    """
    named = (match["name"] for match in _SOURCE.finditer(text))
    found = next((name for name in named if not _NO_PUBLISHER.match(name)), "")
    if found:
        return found
    top = text[:_DATE_WITHIN_CHARS]
    for line in top.split("\n"):
        site = _SITE.match(line)
        if site and _MASTHEAD_END.match(line, site.end()):
            return site[0]
    agency = _AGENCY.search(top)
    return (agency["name"] or agency["paper"]) if agency else ""


def _find_same_day(text: str) -> re.Match[str] | None:
    """A full date for the day that a stamp gives without its year."""
    short = _SHORT_DATE.search(text[:_DATE_WITHIN_CHARS])
    days = _DATES.finditer(text) if short else ()
    return next((d for d in days if short and _same_day(d, short)), None)


def _same_day(one: re.Match[str], other: re.Match[str]) -> bool:
    return (int(one["m"]), int(one["d"])) == (int(other["m"]), int(other["d"]))


def is_dateline(line: str) -> bool:
    """Say whether a line gives the date of the news, and at most a time and a name, no news."""
    return _DATE_ALONE.fullmatch(line) is not None


def find_title(text: str) -> str:
    """Return the line that reads like a title: short, at the top, no sentence, more text below.

    Lines that name a source, a date or a writer may stand above it.
    """
    lines = [line.strip().lstrip("#").strip() for line in text.split("\n")]
    lines = [line for line in lines if line]
    if len(lines) < MIN_LINES:
        return ""
    for above, line in zip(["", *lines], lines[:TITLE_WITHIN_LINES], strict=False):
        if _SUBJECT.fullmatch(line) and _HOUSES.fullmatch(above):
            return f"{above} {line}"
        if not _stands_above(line) and not (_HOUSES.fullmatch(line) and _SUBJECT.match(lines[1])):
            return _AROUND_TITLE.sub("", line) if _is_title(line) else ""
    return ""


def _stands_above(line: str) -> bool:
    return len(line) <= LABEL_MAX_CHARS or _ABOVE_TITLE.fullmatch(line) is not None


def _is_title(line: str) -> bool:
    if len(line) > LONG_TITLE_CHARS or line[-1] in "。；，、：":
        return False
    return len(line) <= TITLE_MAX_CHARS or _ORGANISED.search(line) is not None


def find_original_title(text: str) -> str:
    """Return what the text says its title was where it was first published, or nothing."""
    named = _ORIGINAL.search(text)
    return named["title"].strip() if named else ""


def drop_masthead(mapped: MappedText) -> MappedText:
    """Drop the name of the paper or site above everything else."""
    spans = mapped.line_spans()
    is_site = len(spans) > 1 and _SITE.fullmatch(mapped.text[slice(*spans[0])])
    return mapped.delete([spans[0]]) if is_site else mapped


def drop_repeated_title(mapped: MappedText) -> MappedText:
    """Keep the title once: a masthead prints it again, a portal glues it to itself."""
    text = mapped.text
    doubled = _DOUBLED.match(text)
    if doubled:
        return mapped.delete([doubled.span("cut")])
    spans = mapped.line_spans()
    title = text[slice(*spans[0])] if spans else ""
    if not MIN_TITLE_CHARS <= len(title) <= TITLE_MAX_CHARS or title[-1] in "。！？；，、：”":
        return mapped
    return mapped.delete(span for span in spans[1:] if text[slice(*span)] == title)


def parse_date(text: str) -> str:
    """Return the ISO date at the start of a given date (`2023年1月6日`, `2023-01-06 10:00`)."""
    match = _DATES.match(text.strip())
    return _iso(match) if match else ""


def _iso(match: re.Match[str]) -> str:
    try:
        return date(int(match["y"]), int(match["m"]), int(match["d"])).isoformat()
    except ValueError:
        return ""
