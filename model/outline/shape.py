"""Shape of a line: its length, its closing sign, its number in a list, whether it is a row."""

from __future__ import annotations

import re
from dataclasses import dataclass

from model.cleaning.blanks import CELL
from model.spans import Span

_LINE = re.compile(r"[^\n]+")
_ENDED = re.compile(r"[。！？!?…；;][”’」』）)》】\"]*$")
_HAN_DIGITS = "一二三四五六七八九十"
# How the members of a list are numbered, the highest style first.
_STYLES = {
    "chapter": rf"第(?P<n>[{_HAN_DIGITS}百]{{1,4}})(?:章|部分|篇|节)[ ：:、]?",
    "han": rf"(?P<n>[{_HAN_DIGITS}]{{1,3}})(?:、|[.．](?!\d)|[ ](?=\S))",
    "ordinal": rf"(?:第(?P<n>[{_HAN_DIGITS}]{{1,3}})(?:[，,、：:是]|[步点项种个招]))",
    "one_is": rf"(?P<n>[{_HAN_DIGITS}]{{1,3}})(?:是|要)(?=\S)",
    "han_bracket": rf"[（(](?P<n>[{_HAN_DIGITS}]{{1,3}})[）)]",
    "digit": r"(?P<n>\d{1,2})(?:[.．](?!\d)|、|,(?!\d)|[ ](?=[\u4e00-\u9fff]))",
    "digit_bracket": r"[（(]?(?P<n>\d{1,2})[）)]",
    "circled": r"(?P<n>[①-⑳])",
    "letter": r"(?P<n>[A-Z])(?:[.．、：:]|[ ](?=[\u4e00-\u9fff]))",
}
_NUMBERED = {style: re.compile(pattern) for style, pattern in _STYLES.items()}
STYLES = tuple(_STYLES)
_BULLET = re.compile(r"[■●◆▲△▼★☆◇○□▪•·◎※►▶→✦✅√>-]+[ \t]?(?=\S)")
_HAN_VALUE = {digit: n for n, digit in enumerate(_HAN_DIGITS, 1)}
_MISREAD = re.compile(r"[一二三四五六七八九十](?:是|要)(?=[否非为])")


@dataclass(frozen=True)
class Line:
    """A line of a cleaned text.

    `style` names how it is numbered (one of `STYLES`, `bullet`, or empty), `number` its number
    there (0 for a bullet), `n_mark` the length of the mark. `is_ended` says that it closes as a
    sentence does. `is_row` that it has cells.
    """

    span: Span
    text: str
    style: str
    number: int
    n_mark: int
    is_ended: bool
    is_row: bool

    @property
    def body(self) -> str:
        """The words behind the mark."""
        return self.text[self.n_mark :].lstrip()


def read_lines(text: str) -> list[Line]:
    """Return the lines of a cleaned text that are not blank."""
    lines = []
    for match in _LINE.finditer(text):
        words = match[0].strip()
        if words:
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            lines.append(read_line(words, Span(start, start + len(words))))
    return lines


def read_line(words: str, span: Span) -> Line:
    """Read the shape of one line without white space around it."""
    style, number, n_mark = read_mark(words)
    is_row = CELL in words or words.count("|") > 1
    return Line(span, words, style, number, n_mark, bool(_ENDED.search(words)), is_row)


def read_mark(words: str) -> tuple[str, int, int]:
    """Return style, number and length of the mark that opens a line, or `("", 0, 0)`."""
    for style, pattern in _NUMBERED.items():
        match = pattern.match(words)
        if match and match.end() < len(words) and not _MISREAD.match(words):
            return style, to_number(match["n"]), match.end()
    bullet = _BULLET.match(words)
    return ("bullet", 0, bullet.end()) if bullet else ("", 0, 0)


def to_number(mark: str) -> int:
    """Return the number that a mark writes in digits, Han digits, circles or letters."""
    if mark.isdigit() and mark.isascii():
        return int(mark)
    if mark.isascii():
        return ord(mark) - ord("A") + 1
    if "①" <= mark <= "⑳":
        return ord(mark) - ord("①") + 1
    tens, ten, ones = mark.rpartition("十")
    value = _HAN_VALUE.get(ones, 0)
    return value + 10 * _HAN_VALUE.get(tens, 1) if ten else value
