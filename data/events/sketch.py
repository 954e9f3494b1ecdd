"""`Sketch`: what is compared of an article: pairs of characters, topic, numbers, names, days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import numpy as np

from data.characters import strip_punctuation
from data.events.rarity import Hashes, hash_grams, rarity_of

TOPIC_PAIRS = 20
SHINGLE_CHARS = 5
_MAX_COUNT, _COUNT_POWER = 6, 0.6
_MIN_DIGITS = 2
# Dates and times of day are no figures.
_TIMES = re.compile(
    r"(?:19|20)\d\d\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}日?|\d{1,2}[:：]\d\d(?:[:：]\d\d)?"
    r"|(?<!\d)\d{1,2}-\d{1,2}(?!\d)|\d{1,4}月\d{1,4}[日号]|\d{1,4}[日月号时点分]|(?:19|20)\d\d年?"
)
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)*)\s*(万亿|[万亿千百])?\s*(%|‰|个百分点|[^\W\d_])?")
_DAY = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
_NAME = re.compile(
    r"[\u4e00-\u9fff]{2,10}?(?:医院|卫健委|卫生健康委|健康局|医保局|疾控中心|大学|公司|集团|研究院"
    r"|研究所|委员会|中心|省|市|县|区|镇|街道|社区|学院|协会|药业)"
)
# What every report has says nothing of its event.
_BYLINE = re.compile(r"原标题|正文|记者|新闻|日讯|日电|通讯员|本文转自")
_WRITTEN = re.compile(r"[\W\d_a-zA-Z]+")


@dataclass(frozen=True)
class Sketch:
    """What is compared of an article.

    `pairs` and `shingles` are sorted hashes of runs of two and five characters; `topic` are the
    hashes of the pairs that tell it from others best. `days` are months with days that the text
    names, `day` is when it was published.
    """

    pairs: Hashes
    topic: Hashes
    shingles: Hashes
    numbers: frozenset[str]
    names: frozenset[str]
    days: frozenset[tuple[int, int]]
    day: date | None


def sketch(text: str, day: date | None = None) -> Sketch:
    """Return the sketch of a cleaned text."""
    plain = strip_punctuation(text)
    days = {(int(month), int(found)) for month, found in _DAY.findall(text)}
    if day is not None:
        days.add((day.month, day.day))
    return Sketch(
        pairs=np.unique(hash_grams(plain, 2)),
        topic=_find_topic(text),
        shingles=np.unique(hash_grams(plain, SHINGLE_CHARS)),
        numbers=find_numbers(text),
        names=frozenset(_NAME.findall(text)),
        days=frozenset(days),
        day=day,
    )


def find_numbers(text: str) -> frozenset[str]:
    """Return the numbers of two digits or more with their units, dates and times left out."""
    found = _NUMBER.findall(_TIMES.sub("，", text))
    return frozenset(
        number.replace(",", "") + scale + unit
        for number, scale, unit in found
        if sum(c.isdigit() for c in number) >= _MIN_DIGITS
    )


def _find_topic(text: str) -> Hashes:
    """Return the pairs that are rare elsewhere and frequent here."""
    runs = (run for run in _WRITTEN.split(_BYLINE.sub("，", text)) if run)
    parts = [hash_grams(run, 2) for run in runs]
    if not parts:
        return np.zeros(0, np.uint32)
    pairs, counts = np.unique(np.concatenate(parts), return_counts=True)
    weights = rarity_of(pairs) * np.minimum(counts, _MAX_COUNT) ** _COUNT_POWER
    return np.sort(pairs[np.argsort(-weights, kind="stable")[:TOPIC_PAIRS]])
