"""Texts made to cost time: long repeats of what the patterns of the pipeline look for."""

from __future__ import annotations

_LEAD = "云岭县把县人民医院和16家乡镇卫生院编成一个紧密型医共体，总院统一派驻医师83名。\n"
# Repeats that once took seconds to minutes, each with how often it is repeated.
_REPEATS = (
    ("1", 2_000),
    ("记者张三", 300),
    ("…", 40_000),
    ("“", 20_000),
    ("（", 20_000),
    ("一", 20_000),
    ("1.", 20_000),
    ("1、", 10_000),
    ("据新华社北京5月16日电（记者王芳、李明）", 500),
    ("比上年增长", 4_000),
    ("。", 40_000),
    (" \n", 20_000),
)


def make_hostile_texts() -> tuple[str, ...]:
    """Return the texts, each with a sound sentence before and behind the repeat."""
    return tuple(f"{_LEAD}{unit * times}\n{_LEAD}" for unit, times in _REPEATS)
