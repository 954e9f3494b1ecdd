"""The date that a web page gives of itself: in its data, its scripts, its tags or its date line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from model.cleaning.heading import parse_date

SPACED_DATE = re.compile(r"(\d{4})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日")
# A line that is a date, a label before it and who or when behind it: 发布时间：2024-03-05 08:17.
_DATELINE = re.compile(
    r"[^\d，。]{0,12}((?:19|20)\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})(?:日?(?!\d)[^，。]*)?"
)
_PROSE_CHARS = 40
# What scripts call the time of publication, the surest first; WeChat's pages have `ct`.
_NAMES = (
    "publish_time", "publishTime", "publishDate", "publish_date", "pubDate", "pubtime", "pubTime",
    "ct", "createTime", "create_time", "svr_time",
)  # fmt: skip
_ASSIGNED = re.compile(
    rf"""(?<![\w.$])["']?({"|".join(_NAMES)})["']?\s{{0,9}}[:=]\s{{0,9}}["']?"""
    r"""((?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}|\d{10}(?:\d{3})?(?!\d))"""
)
_CHINA = timedelta(hours=8)
_EPOCH_DIGITS = 10
_MAX_DEPTH = 6


def find_date(tree: Any) -> str:
    """Return the page's date (ISO) or an empty string; one in the article's prose is no such."""
    return _find_published(tree) or _find_assigned(tree) or _find_shown(tree)


def _find_published(tree: Any) -> str:
    """Return `datePublished` of JSON-LD."""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        try:
            data = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        dates = map(parse_date, _walk(data, _MAX_DEPTH))
        found = next(filter(None, dates), "")
        if found:
            return found
    return ""


def _walk(data: Any, depth: int) -> Iterator[str]:
    if isinstance(data, dict):
        published = data.get("datePublished")
        if isinstance(published, str):
            yield published
        data = list(data.values())
    if isinstance(data, list) and depth:
        for value in data:
            yield from _walk(value, depth - 1)


def _find_assigned(tree: Any) -> str:
    """Return the time of publication that scripts hold; a name with several days says nothing."""
    days: dict[str, set[str]] = {}
    for script in tree.iter("script"):
        for name, value in _ASSIGNED.findall(script.text or ""):
            days.setdefault(name, set()).add(_to_day(value))
    sure = (days[name] for name in _NAMES if name in days and len(days[name]) == 1)
    return next(filter(None, (min(found) for found in sure)), "")


def _to_day(value: str) -> str:
    if not value.isdigit():
        return parse_date(value)
    moment = datetime.fromtimestamp(int(value[:_EPOCH_DIGITS]), UTC) + _CHINA
    return moment.date().isoformat()


def _find_shown(tree: Any) -> str:
    """Look through tags and short lines."""
    from htmldate import find_date as find_in_tags

    bare = deepcopy(tree)
    for element in bare.iter("p", "div", "span", "td", "font", "section", "br", "li"):
        for part in ("text", "tail"):
            if len(getattr(element, part) or "") >= _PROSE_CHARS:
                setattr(element, part, None)
    return find_in_tags(bare, extensive_search=False, original_date=True) or _find_dateline(bare)


def _find_dateline(tree: Any) -> str:
    body = tree.find("body")
    lines = map(str.strip, (tree if body is None else body).itertext("div", "p", "span", "td"))
    matches = (_DATELINE.fullmatch(line) for line in lines)
    return next(("{}-{:0>2}-{:0>2}".format(*match.groups()) for match in matches if match), "")
