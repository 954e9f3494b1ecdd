"""Characters: one form for each, one for one, so that offsets stay offsets."""

from __future__ import annotations

import re
from functools import cache

from opencc import OpenCC

from model.cleaning.mapped import MappedText
from model.cleaning.radicals import fold_radicals

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff"

# Line ends of other systems, of Word and of Unicode; a mark of Word's and old ones part cells.
_LINE_END = re.compile("[\r\u000b\u000c\u0085\u2028\u2029]")
_WINDOWS_END = re.compile(r"(?P<cut>\r)\n")
_CELL_END = re.compile("[\u0007\u001c-\u001f]")
# Zero-width, direction marks, soft hyphen, variation selectors, frames of keycaps, controls.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u20e3\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff"
    "\U000e0100-\U000e01ef]"
)
_WIDE = {chr(c): chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)}
# These stay wide: they are the punctuation of Chinese text.
_KEEP_WIDE = "！（），：；？"
_SPACES = dict.fromkeys(
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    " ",
)
_FOLD = str.maketrans({k: v for k, v in _WIDE.items() if k not in _KEEP_WIDE} | _SPACES)

# A narrow sign beside a Han character or a quote is a Chinese sign typed narrow.
_NARROW = re.compile(
    rf"(?<=[{HAN}”’》）)%])[,:;!?()](?!\d*\.\d|//)|(?<=[\d A-Za-z])[,:;!?()](?=[{HAN}“‘《])"
    rf"|[()](?=[{HAN}])"
)
_TO_WIDE = str.maketrans(",:;!?()", "，：；！？（）")

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹ"
# Behind a character, or behind the ASCII sign that slipped bytes left of one.
_PINYIN = re.compile(rf"(?<=[{HAN}@-~])[(（](?=[a-zü]*[{_TONED}])[a-zü{_TONED}]{{1,7}}[)）]")
_UNTONED = re.compile(rf"(?<=[{HAN}])[(（](?:men|me|ge|zhe|ma|ne|le|de|lou|li)[)）]")
MIN_READINGS = 3  # so many toned readings before an untoned one counts as a reading too

_COMMON_ROWS = range(0xB0, 0xD8)  # level 1 of GB 2312

# Share of Han characters that change before a text counts as Traditional.
TRADITIONAL_SHARE = 0.05
# Forms that simplified text uses too, in names and place names or with another meaning.
SHARED_FORMS = frozenset("乾著瞭藉麽於徵甯后里发台干斗谷")
_HAN = re.compile(f"[{HAN}]")
_PLACES = ("乾安", "乾县", "乾陵", "乾州", "乾隆", "乾坤")


def count_han(text: str) -> int:
    """Return the number of Chinese characters."""
    return len(_HAN.findall(text))


def fold_lines(mapped: MappedText) -> MappedText:
    """Give every line one kind of end, and every cell one."""
    text = _LINE_END.sub("\n", mapped.text)
    return mapped.replace_text(_CELL_END.sub("\t", text)).delete(_pairs_of_ends(mapped.text))


def fold_characters(mapped: MappedText) -> MappedText:
    """Drop unseen characters; fold wide letters and digits, blanks, radicals, vertical signs."""
    shown = mapped.delete_matches(_UNSEEN)
    return fold_radicals(shown.replace_text(shown.text.translate(_FOLD)))


def widen_punctuation(mapped: MappedText) -> MappedText:
    """Write `,:;!?()` wide where they stand in Chinese text."""
    return mapped.substitute(_NARROW, lambda sign: sign.translate(_TO_WIDE))


def drop_pinyin(mapped: MappedText) -> MappedText:
    """Drop readings in brackets that follow a character: `醫(yī)共體`."""
    if len(_PINYIN.findall(mapped.text)) >= MIN_READINGS:
        mapped = mapped.delete_matches(_UNTONED)
    return mapped.delete_matches(_PINYIN)


def simplify(mapped: MappedText) -> MappedText:
    """Convert to Simplified; forms that both scripts use change in a Traditional text only."""
    text = mapped.text
    converted = _t2s().convert(text)
    if converted == text:
        return mapped
    if len(converted) != len(text):
        converted = "".join(map(to_simplified, text))
    changed = [a not in SHARED_FORMS and a != b for a, b in zip(text, converted, strict=True)]
    if sum(changed) < TRADITIONAL_SHARE * max(count_han(text), 1):
        pairs = zip(text, converted, changed, strict=True)
        return mapped.replace_text("".join(b if change else a for a, b, change in pairs))
    converted = converted.replace("随著", "随着")
    return mapped.replace_text(_restore_places(text, converted))


@cache
def _t2s() -> OpenCC:
    return OpenCC("t2s")


@cache
def to_simplified(character: str) -> str:
    """Return the simplified form of one character, or itself."""
    converted: str = _t2s().convert(character)
    return converted if len(converted) == 1 else character


@cache
def is_common(character: str) -> bool:
    """Say whether a character, once simplified, is among the 3,755 most in use."""
    try:
        return to_simplified(character).encode("gb2312")[0] in _COMMON_ROWS
    except UnicodeError:
        return False


def _restore_places(old: str, new: str) -> str:
    kept = list(new)
    for match in _place_names().finditer(old):
        kept[match.start()] = match[0][0]
    return "".join(kept)


@cache
def _place_names() -> re.Pattern[str]:
    to_traditional = OpenCC("s2t").convert
    tails = {form for place in _PLACES for form in (place[1:], to_traditional(place[1:]))}
    return re.compile(f"乾(?:{'|'.join(sorted(tails))})")


def _pairs_of_ends(text: str) -> list[tuple[int, int]]:
    """The first of the two characters that end a line on Windows."""
    return [pair.span("cut") for pair in _WINDOWS_END.finditer(text)]
