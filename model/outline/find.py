"""Blocks of an article: kinds of its lines, then levels and parents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from model.outline.block import Block
from model.outline.classify import load_classifier
from model.outline.features import read_features
from model.outline.hints import Hint, hint_lines, settle
from model.outline.rules import is_possible, name_kinds, name_surely
from model.outline.seams import split_line
from model.outline.shape import Line, read_lines
from model.spans import Turn

SITE_CHARS = 20
_NOT_WORDS = re.compile(r"[\W_]+")
_HEADINGS = ("heading", "subheading")
# Origins of kinds that are no hint's.
READ_HERE = ("shape", "learned")


@dataclass(frozen=True)
class _Named:
    """A line with its kind, what that was read from, and the level that the file gives it or 0."""

    line: Line
    kind: str
    origin: str
    level: int = 0


def find_blocks(
    text: str,
    turns: Sequence[Turn] = (),
    title: str = "",
    guess: str = "",
    hints: Sequence[Hint] = (),
    offsets: npt.NDArray[np.int32] | None = None,
) -> tuple[Block, ...]:
    """Return the blocks of a cleaned text, in order; together they cover all but white space.

    Args:
        text: the cleaned text.
        turns: who says what in it.
        title: the article's title, where it is known.
        guess: what its text seems to be titled, for where neither that nor a hint says it.
        hints: what the file says of stretches of the raw text.
        offsets: where each character stood in the raw text; as it stands where there are none.
    """
    lines = read_lines(text)
    offsets = np.arange(len(text), dtype=np.int32) if offsets is None else offsets
    named = read_kinds(lines, turns, hint_lines(lines, offsets, hints))
    named = _mark_title(named, title, guess)
    named = [part for one in named for part in _split_seams(one)]
    levels = find_levels(named)
    parents = find_parents(named, levels)
    return tuple(
        Block(one.kind, one.line.span, level, parent, one.origin)
        for one, level, parent in zip(named, levels, parents, strict=True)
    )


def _split_seams(named: _Named) -> list[_Named]:
    """Part what lost its line breaks: captions and titles glued to a paragraph."""
    if named.kind != "paragraph":
        return [named]
    return [_Named(part, kind, named.origin) for part, kind in split_line(named.line)]


def read_kinds(
    lines: Sequence[Line], turns: Sequence[Turn], hints: Sequence[Hint | None]
) -> list[_Named]:
    """Name each line: what its own words settle, else its file's hint, else the classifier."""
    if len(lines) == 1:
        return [_Named(lines[0], "paragraph", "shape")]
    starts = {turn.speaker.start for turn in turns}
    opening = [line.span.start in starts for line in lines]
    sure = name_surely(lines, opening)
    ruled = name_kinds(lines, opening)
    for i, hint in enumerate(hints):
        if hint is not None:
            ruled[i] = settle(hint, lines[i], sure[i], ruled[i]) or ruled[i]
    learned, _ = load_classifier().classify(read_features(lines, ruled))
    named = [
        _name(line, own, kind, hint)
        for line, own, kind, hint in zip(lines, sure, learned, hints, strict=True)
    ]
    return [
        replace(one, kind="paragraph") if below and _opens_list(one, below) else one
        for one, below in zip(named, [*named[1:], None], strict=True)
    ]


def _opens_list(one: _Named, below: _Named) -> bool:
    """Whether a line without a hint, `要做三件事：`, stands above what the file sets as a list."""
    is_list = below.kind == "list_item" and below.origin not in READ_HERE
    return is_list and one.line.text[-1] in "：:" and one.origin == "learned"


def _name(line: Line, own: str, learned: str, hint: Hint | None) -> _Named:
    kind = own or (learned if is_possible(learned, line) else "paragraph")
    hinted = settle(hint, line, own, kind) if hint else ""
    if hint and hinted:
        return _Named(line, hinted, hint.origin, hint.level)
    return _Named(line, kind, "shape" if own else "learned")


def _mark_title(named: Sequence[_Named], title: str, guess: str) -> list[_Named]:
    """Only the title is one; what seemed so above it is a kicker, below it a heading."""
    lines = [one.line for one in named]
    hinted = (i for i, n in enumerate(named) if n.kind == "title" and n.origin not in READ_HERE)
    places = (
        _find_line(lines, _NOT_WORDS.sub("", title)),
        None if title else next(hinted, None),
        None if title else _find_line(lines, _NOT_WORDS.sub("", guess)),
        0 if named and named[0].kind == "title" else None,
    )
    at = next((place for place in places if place is not None), None)
    marked = []
    for i, one in enumerate(named):
        kind = one.kind
        if at is not None and i < at and kind in ("title", "heading", "caption"):
            kind = "kicker"
        elif kind == "title":
            kind = "heading"
        marked.append(replace(one, kind="title" if i == at else kind))
    return marked


def _find_line(lines: Sequence[Line], words: str) -> int | None:
    """The first line that has the words of the title, and at most a site's name more."""
    for i, line in enumerate(lines if words else ()):
        if len(line.text) > 2 * len(words) + SITE_CHARS:
            continue
        own = _NOT_WORDS.sub("", line.text)
        if own == words or (i == 0 and own.startswith(words)):
            return i
    return None


def find_levels(named: Sequence[_Named]) -> list[int]:
    """Return 1 for a heading, 2 and more for one below another, 0 for what is no heading.

    Headings of one style have one level; of two without prose between, the second is below. Where
    the file gives levels, those count among each other.
    """
    levels: list[int] = []
    open_styles: list[tuple[str, int]] = []
    for above, one in zip([None, *named], named, strict=False):
        if one.kind not in _HEADINGS:
            levels.append(0)
            continue
        follows = (
            above is not None and above.kind in _HEADINGS and above.line.style == one.line.style
        )
        style = (
            (one.origin, one.level) if one.level else (f"{one.line.style}/{one.kind}/{follows}", 0)
        )
        while one.level and open_styles and open_styles[-1][1] > one.level:
            open_styles.pop()
        if style in open_styles:
            del open_styles[open_styles.index(style) + 1 :]
        else:
            open_styles.append(style)
        levels.append(len(open_styles))
    return levels


def find_parents(named: Sequence[_Named], levels: Sequence[int]) -> list[int | None]:
    """Return for each line the index of the heading or list opening that it stands under."""
    parents: list[int | None] = []
    open_headings: list[int] = []
    opening: int | None = None
    for i, (one, level) in enumerate(zip(named, levels, strict=True)):
        if level:
            open_headings = [j for j in open_headings if levels[j] < level]
        in_list = one.kind == "list_item" and opening is not None
        parents.append(opening if in_list else open_headings[-1] if open_headings else None)
        if level:
            open_headings.append(i)
        if one.kind != "list_item":
            opening = i if one.line.text[-1] in "：:" else None
    return parents
