"""Whether the library keeps what is analysed, and for how long: settings of the environment."""

from __future__ import annotations

import os

from model import InputError

KEEP_VARIABLE = "YIWEN_KEEP"
DAYS_VARIABLE = "YIWEN_KEEP_DAYS"
_OFF = frozenset({"0", "no", "off", "false"})


def is_keeping() -> bool:
    """Whether the page and batch jobs put what they analyse into the library."""
    return os.environ.get(KEEP_VARIABLE, "").strip().lower() not in _OFF


def read_keep_days() -> int | None:
    """Return after how many days an article leaves the library; None for never.

    Raises:
        InputError: the variable is no positive whole number.
    """
    given = os.environ.get(DAYS_VARIABLE, "").strip()
    if not given:
        return None
    if not given.isascii() or not given.isdigit() or int(given) == 0:
        raise InputError(f"{DAYS_VARIABLE} 应是天数（大于 0 的整数），现在是“{given:.20}”")
    return int(given)
