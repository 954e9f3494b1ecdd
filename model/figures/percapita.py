"""Per-capita forms: `每千人口`, `每人每年`, `次均`: a denominator before the number."""

from __future__ import annotations

import re

# Part of what is measured: `每千人口床位`, `人均预期寿命`.
_PEOPLE = r"每(?:[十百千万]{1,2}|\d+[百千万]?)(?:名|位)?(?:常住|户籍)?(?:人口?|居民|老年人口?|老人|儿童|活产)?"
# Says only per what a sum is counted: `每人每年补助50元`.
_EACH = r"每(?:人次?|名|户|例|次|床日?|天|日|月|周|年|季度|家|村|张|公里|亩|位|台|所)"

BEHIND_NAME = re.compile(rf"(?:{_EACH}|由?原先|由?原来|现在)+$")
DENOMINATOR = re.compile(rf"{_PEOPLE}$")


def without_denominator(text: str) -> str:
    """Drop `每人每年` where it stands between what is measured and the number."""
    match = BEHIND_NAME.search(text)
    return text[: match.start()] if match else text
