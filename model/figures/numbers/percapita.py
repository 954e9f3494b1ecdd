"""Per-capita forms: denominators that stand between what is measured and its number."""

from __future__ import annotations

import re

# `每人每年补助50元` is named by what comes before; `每千人口床位` is itself what is measured.
_EACH = (
    r"每(?:人次?|名|户|例|次|床日?|天|日|月|周|年|季度|家|村|张|公里|亩|位|台|所)"
    r"|由?原先|由?原来|现在"
)
BEHIND_NAME = re.compile(rf"(?:{_EACH}){{1,4}}$")
