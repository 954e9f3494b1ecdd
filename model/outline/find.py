"""Blocks of an article: kinds of its lines, then levels and parents."""

from __future__ import annotations

import re
from collections.abc import Sequence

from model.outline.block import Block
from model.outline.classify import load_classifier
from model.outline.features import read_features
from model.outline.rules import is_possible, name_kinds, name_surely
from model.outline.shape import Line, read_lines
from model.spans import Turn

SITE_CHARS = 20
_NOT_WORDS = re.compile(r"[\W_]+")
_HEADINGS = ("heading", "subheading")


def find_blocks(text: str, turns: Sequence[Turn] = (), title: str = "") -> tuple[Block, ...]:
    """Return the blocks of a cleaned text, in order; together they cover all but white space.

    Args:
        text: the cleaned text.
        turns: who says what in it.
        title: the article's title, where it is known.
    """
    lines = read_lines(text)
    kinds, origins = read_kinds(lines, turns)
    _mark_title(lines, kinds, title)
    levels = find_levels(lines, kinds)
    parents = find_parents(kinds, levels, lines)
    return tuple(
        Block(kind, line.span, level, parent, origin)
        for kind, line, level, parent, origin in zip(
            kinds, lines, levels, parents, origins, strict=True
        )
    )


def read_kinds(lines: Sequence[Line], turns: Sequence[Turn]) -> tuple[list[str], list[str]]:
    """Return kind and origin of each line: what its own words settle, else the classifier's."""
    if len(lines) == 1:
        return ["paragraph"], ["shape"]
    starts = {turn.speaker.start for turn in turns}
    opening = [line.span.start in starts for line in lines]
    sure = name_surely(lines, opening)
    learned, _ = load_classifier().classify(read_features(lines, name_kinds(lines, opening)))
    kinds = [
        own or (kind if is_possible(kind, line) else "paragraph")
        for own, kind, line in zip(sure, learned, lines, strict=True)
    ]
    return kinds, ["shape" if own else "learned" for own in sure]


def _mark_title(lines: Sequence[Line], kinds: list[str], title: str) -> None:
    """Only the title is one; what seemed so above it is a kicker, below it a heading."""
    at = _find_line(lines, _NOT_WORDS.sub("", title))
    if at is None and kinds[:1] == ["title"]:
        at = 0
    for i, kind in enumerate(kinds):
        if at is not None and i < at and kind in ("title", "heading", "caption"):
            kinds[i] = "kicker"
        elif kind == "title":
            kinds[i] = "heading"
    if at is not None:
        kinds[at] = "title"


def _find_line(lines: Sequence[Line], words: str) -> int | None:
    """The first line that has the words of the title, and at most a site's name more."""
    for i, line in enumerate(lines if words else ()):
        if len(line.text) > 2 * len(words) + SITE_CHARS:
            continue
        own = _NOT_WORDS.sub("", line.text)
        if own == words or (i == 0 and own.startswith(words)):
            return i
    return None


def find_levels(lines: Sequence[Line], kinds: Sequence[str]) -> list[int]:
    """Return 1 for a heading, 2 and more for one below another, 0 for what is no heading.

    Headings of one style have one level; of two without prose between, the second is below.
    """
    levels: list[int] = []
    styles: list[str] = []
    for i, (line, kind) in enumerate(zip(lines, kinds, strict=True)):
        if kind not in _HEADINGS:
            levels.append(0)
            continue
        follows = i > 0 and kinds[i - 1] in _HEADINGS and lines[i - 1].style == line.style
        style = f"{line.style}/{kind}/{follows}"
        if style in styles:
            del styles[styles.index(style) + 1 :]
        else:
            styles.append(style)
        levels.append(len(styles))
    return levels


def find_parents(
    kinds: Sequence[str], levels: Sequence[int], lines: Sequence[Line]
) -> list[int | None]:
    """Return for each line the index of the heading or list opening that it stands under."""
    parents: list[int | None] = []
    open_headings: list[int] = []
    opening: int | None = None
    for i, (kind, level) in enumerate(zip(kinds, levels, strict=True)):
        if level:
            open_headings = [j for j in open_headings if levels[j] < level]
        in_list = kind == "list_item" and opening is not None
        parents.append(opening if in_list else open_headings[-1] if open_headings else None)
        if level:
            open_headings.append(i)
        if kind != "list_item":
            opening = i if lines[i].text[-1] in "：:" else None
    return parents
