"""Every number with a unit, by one regular expression, as a quick script would find them."""

from __future__ import annotations

import re

from model import Article, Figure, Span

_SCALES = {"": 1, "百": 1e2, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8}
_NUMBER = re.compile(
    r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?P<scale>百万|千万|百|千|万|亿)?[余多]?"
    r"(?P<unit>%|个百分点|[人例台张家所个项名位次种篇件户岁天]次?|(?:平方)?[米元吨公里]+)"
)
_BEFORE = re.compile(r"[一-龥]{2,8}(?=[^一-龥]*$)")


def find_numbers(article: Article) -> tuple[Figure, ...]:
    """Return every number with a unit, the words before it as its indicator."""
    return tuple(_to_figure(article.text, match) for match in _NUMBER.finditer(article.text))


def _to_figure(text: str, match: re.Match[str]) -> Figure:
    before = _BEFORE.search(text, max(0, match.start() - 20), match.start())
    return Figure(
        text=match[0],
        indicator=before[0] if before else "",
        value=(float(match["number"].replace(",", "")) * _SCALES[match["scale"] or ""],),
        unit=match["unit"],
        kind="level",
        bound="",
        year=None,
        span=Span(match.start(), match.end()),
        sentence="",
    )
