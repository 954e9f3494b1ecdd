"""RTF to text by striprtf, tables as lines of named figures."""

from __future__ import annotations

import re
from typing import Any

from data.readers.pages.raised import read_subscript, read_superscript
from data.readers.pages.word_table import write_rows

# Behind each cell, and behind each row; around what is raised or lowered. No text holds them.
_CELL, _ROW = "\x07", "\x06"
_RAISED, _LOWERED, _SHIFT_END = "\x05", "\x04", "\x03"
_OWN_MARKS = dict.fromkeys(map(ord, _CELL + _ROW + _RAISED + _LOWERED + _SHIFT_END))
_WORD_END = r"(?![a-z0-9])"
# Properties end with these, or with their group.
_END = rf"\\plain{_WORD_END}[ ]?|(?=\}})"
_MARKS = (
    (re.compile(r"\\(?:nest)?cell(?![a-z])[ ]?"), rf"\\plain{_CELL}"),
    (re.compile(r"\\(?:nest)?row(?![a-z])[ ]?"), rf"\\plain{_ROW}\n"),
    # Deleted and hidden text, up to where it is seen again or its group ends.
    (
        re.compile(
            rf"\\(?:deleted|v)(?![a-z0-9-])[^{{}}]*?(?:\\(?:deleted0|v0){_WORD_END}[ ]?|{_END})"
        ),
        "",
    ),
    (
        re.compile(
            rf"\\(?:super|up[1-9]\d?){_WORD_END}([^{{}}]*?)(?:\\nosupersub{_WORD_END}[ ]?|{_END})"
        ),
        rf"\\plain{_RAISED}\\plain\1\\plain{_SHIFT_END}",
    ),
    (
        re.compile(
            rf"\\(?:sub|dn[1-9]\d?){_WORD_END}([^{{}}]*?)(?:\\nosupersub{_WORD_END}[ ]?|{_END})"
        ),
        rf"\\plain{_LOWERED}\\plain\1\\plain{_SHIFT_END}",
    ),
    # Else the address of a link is written behind its text.
    (re.compile(r"HYPERLINK"), ""),
)
# A character of two bytes whose second one is written as the letter that it is.
_BYTES = re.compile(r"((?:\\'[0-9a-fA-F]{2})+)([@-\[\]-z|~])")
_SHIFTED = re.compile(rf"(.?)([{_RAISED}{_LOWERED}])([^{_SHIFT_END}]*){_SHIFT_END}")
_LEAD_BYTES = range(0x81, 0xFF)


def read_rtf(content: bytes) -> dict[str, str]:
    """Return the `text`."""
    from striprtf import striprtf

    source = content.decode("latin-1").translate(_OWN_MARKS)
    for pattern, replacement in _MARKS:
        source = pattern.sub(replacement, source)
    source = _BYTES.sub(_write_second_byte, source)
    convert: Any = striprtf.rtf_to_text
    text = convert(source, encoding="gb18030", errors="replace")
    return {"text": _write_tables(_SHIFTED.sub(_write_shifted, text))}


def _write_second_byte(match: re.Match[str]) -> str:
    codes = [int(code, 16) for code in match[1].split("\\'")[1:]]
    place = 0
    while place < len(codes):
        place += 2 if codes[place] in _LEAD_BYTES else 1
    return f"{match[1]}\\'{ord(match[2]):02x}" if place > len(codes) else match[0]


def _write_shifted(match: re.Match[str]) -> str:
    before, shift, text = match.groups()
    read = read_superscript if shift == _RAISED else read_subscript
    return before + read(text.strip(), before)


def _write_tables(text: str) -> str:
    """Write the rows that lie one below another as the lines of a table."""
    lines: list[str] = []
    rows: list[list[str]] = []
    for stretch in re.split(rf"(?<={_ROW})", text):
        if not stretch.endswith(_ROW):
            lines += [*write_rows(rows), stretch.removeprefix("\n")]
            continue
        above, first, rest = _part_row(stretch.removesuffix(_ROW))
        if above is not None:
            lines += [*write_rows(rows), above]
            rows = []
        rows.append([first, *rest])
    return "\n".join(lines)


def _part_row(stretch: str) -> tuple[str | None, str, list[str]]:
    """Part the text above a row from its first cell; above is None where there is none."""
    head, *rest = stretch.removesuffix(_CELL).split(_CELL)
    above, line_end, first = head.removeprefix("\n").rpartition("\n")
    return (above if line_end else None), first, rest
