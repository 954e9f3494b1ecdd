"""Signs: emoji, keycaps, circled numbers, arrows, private-use bullets, raised marks of notes."""

from __future__ import annotations

import re

from model.cleaning.characters import HAN
from model.cleaning.mapped import MappedText

# A keycap is a digit, the sign that asks for a picture, and the frame around it.
_CAP = "[0-9]\ufe0f?\u20e3"
_CAPS = re.compile(f"{_CAP}(?:[.．]?{_CAP})*")
_CAP_PARTS = re.compile("[\ufe0f\u20e3]")
# What is counted behind a number; behind circled digits it makes them one number.
_COUNTER = (
    r"(?:[余多]?[十百千万亿]{0,4}(?:[个家名人位项台次例张所份件辆支条岁年月日天元亩户村套种倍门床期场批笔吨]"
    r"|分[钟之]|小时|平方|公里|[%‰℃㎡]|百分点))"
)
_COUNTED = re.compile(rf"[余多]?{_COUNTER}")
_CIRCLED = "⓪①②③④⑤⑥⑦⑧⑨"
_TENS = "⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_CIRCLED_NUMBER = re.compile(rf"[{_CIRCLED}]{{2,12}}(?:\.[{_CIRCLED}]{{1,4}})?(?={_COUNTER})")
_TO_DIGITS = str.maketrans(_CIRCLED, "0123456789")
_OTHER_CIRCLES = str.maketrans(
    "❶❷❸❹❺❻❼❽❾❿➀➁➂➃➄➅➆➇➈➉➊➋➌➍➎➏➐➑➒➓⓵⓶⓷⓸⓹⓺⓻⓼⓽⓾⓿🔟", "①②③④⑤⑥⑦⑧⑨⑩" * 4 + "⓪⑩"
)
_ARROWS = str.maketrans("⬆⬇➡⬅➜➔➙➝➞🡆🠖⭐🌟", "↑↓→←→→→→→→→★★")

# Pictures, and what fonts put into the private area, but the characters that GBK put there.
_PICTURES = (
    "\u2600-\u2604\u2607-\u260d\u260f-\u263f\u2641\u2643-\u2725\u2727-\u2775\u2794-\u27bf"
    "\u2b05-\u2bff\u231a\u231b\u23e9-\u23f3\u23f8-\u23fa\u3030\u303d"
    "\U0001f000-\U0001faff\U000e0020-\U000e007f"
    "\ue000-\ue7c6\ue865-\uf8ff\U000f0000-\U0010ffff\ufffc\ud800-\udfff"
)
_PICTURE = re.compile(f"[{_PICTURES}]")
# Everything that is folded here; most texts have none of it.
_ANY_SIGN = re.compile(
    "[\u20e3\u2190-\u21ff\u2460-\u24ff\u2600-\u27bf\u2b05-\u2bff\U0001d7ce-\U0001d7ff"
    + _PICTURES
    + "]"
)
_STYLED_DIGIT = re.compile("[\U0001d7ce-\U0001d7ff]")

# `[1]`, `[2-4]` behind a word or a stop is a mark of a note; at a line's start it is a list.
_NOTE_MARK = re.compile(
    rf"(?<=[{HAN}，。；！？”）%‰])\[[0-9]{{1,3}}(?:[-–,，、~][0-9]{{1,3}}){{0,5}}\]"
)
_RAISED_NOTE = re.compile(
    rf"(?<=[{HAN}。，；”])(?<![米尺分寸里])[⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,2}}(?![0-9{HAN}]*[/×])"
)


def fold_signs(mapped: MappedText) -> MappedText:
    """Read keycaps and circled digits as numbers; leave a blank for every picture.

    `①` to `⑳` at the start of a clause stay, and a lone keycap becomes one of them. Arrows
    between figures become `↑`, `↓`, `→`.
    """
    if not _ANY_SIGN.search(mapped.text):
        return mapped
    mapped = _fold_keycaps(mapped)
    text = mapped.text.translate(_OTHER_CIRCLES).translate(_ARROWS)
    text = _CIRCLED_NUMBER.sub(lambda found: _read_circled(found[0]), text)
    text = _STYLED_DIGIT.sub(lambda found: str((ord(found[0]) - 0x1D7CE) % 10), text)
    return mapped.replace_text(_PICTURE.sub(" ", text))


def drop_note_marks(mapped: MappedText) -> MappedText:
    """Drop the marks of footnotes, in brackets or raised; exponents stay."""
    return mapped.delete_matches(_NOTE_MARK).delete_matches(_RAISED_NOTE)


def _fold_keycaps(mapped: MappedText) -> MappedText:
    signs = list(mapped.text)
    cut: list[tuple[int, int]] = []
    for caps in _CAPS.finditer(mapped.text):
        digits = [at for at in range(*caps.span()) if mapped.text[at].isdigit()]
        cut += [
            (caps.start() + part.start(), caps.start() + part.end())
            for part in _CAP_PARTS.finditer(caps[0])
        ]
        number = int("".join(signs[at] for at in digits))
        if _is_enumerator(mapped.text, caps, number, len(digits)):
            signs[digits[0]] = (_CIRCLED + _TENS)[number]
            cut += [(at, at + 1) for at in digits[1:]]
    return mapped.replace_text("".join(signs)).delete(cut)


def _is_enumerator(text: str, caps: re.Match[str], number: int, n_digits: int) -> bool:
    """A keycap that counts nothing, and is part of no longer number."""
    is_short = n_digits <= len("20") and number < len(_CIRCLED + _TENS) and "." not in caps[0]
    return is_short and not _COUNTED.match(text, caps.end())


def _read_circled(signs: str) -> str:
    """Return plain digits, unless the signs count up from one: `①②③项`."""
    counts_up = signs == _CIRCLED[1 : len(signs) + 1]
    return signs if counts_up else signs.translate(_TO_DIGITS)
