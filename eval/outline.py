"""How well outlines are read: `python -m eval.outline [PAGES.jsonl ...] [--source NAME]`.

Without arguments it measures on the pages that `data/pointers/outline/` points to (`YIWEN_TEXTS`
names the files with their texts); PAGES are files of labelled pages in the form of
`data/corpus/import_outline.py`, whose texts stand beside them or in `YIWEN_TEXTS`.

A labelled line is right where the block that most of its characters stand in has its kind;
headings and subheadings are one kind, and `level` is how many of them have their level, the first
or one below. What stands around an article (furniture, datelines, bylines, captions, a title's
second copy) is right too where cleaning has left it out. Furniture left is the share of the cleaned
text that the labels call furniture; lost is the share of the article's Chinese characters and
digits that cleaning has left out (readings in Latin letters above characters are none).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from data.command import run_command
from data.corpus.outline_pages import OutlinePage, read_lines, resolve_pages
from data.corpus.texts import find_texts
from model import Article, InputError
from model.cleaning.mapped import MappedText
from model.cleaning.steps import read_characters
from model.outline import block_at

DROPPED = "dropped"
# Cleaning may leave these out.
_MAY_GO = frozenset({"furniture", "dateline", "byline", "caption"})
_NOT_WORDS = re.compile(r"[\W_]+")
_HEADINGS = {"heading", "subheading"}
_KEPT_SHARE = 0.5
_TOLD = re.compile(r"[\d\u3400-\u9fff]")
SHOWN_CHARS = 60


@dataclass
class OutlineCounts:
    """Counts over pages; `confusion` by kind labelled and kind read."""

    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    n_right: int = 0
    n_lines: int = 0
    n_titles: int = 0
    n_titles_right: int = 0
    n_headings: int = 0
    n_levels_right: int = 0
    n_left: int = 0
    n_cleaned: int = 0
    n_lost: int = 0
    n_article: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, other: OutlineCounts) -> None:
        """Add the counts of other pages."""
        self.confusion += other.confusion
        self.errors += other.errors
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))


_SUMS = (
    "n_right", "n_lines", "n_titles", "n_titles_right", "n_headings", "n_levels_right",
    "n_left", "n_cleaned", "n_lost", "n_article",
)  # fmt: skip


def count_page(page: OutlinePage) -> OutlineCounts:
    """Read one page and count what is right."""
    article = Article.from_raw(page.text)
    counts = OutlineCounts(n_cleaned=len(_NOT_WORDS.sub("", article.text)))
    at = {int(offset): i for i, offset in enumerate(article.offsets[:-1])}
    titles = {_NOT_WORDS.sub("", line.span.of(page.text)) for line in page.lines
              if line.kind == "title"}  # fmt: skip
    for line in page.lines:
        raw = line.span.of(page.text)
        places = [i for i in range(line.span.start, line.span.end) if page.text[i].isalnum()]
        kept = [at[i] for i in places if i in at]
        read = _read_kind(article, kept, len(places))
        is_copy = _NOT_WORDS.sub("", raw) in titles
        may_go = line.kind in _MAY_GO or (is_copy and read == DROPPED)
        right = _is_right(line.kind, read, may_go=may_go)
        if {line.kind, read} <= _HEADINGS:
            counts.n_headings += 1
            counts.n_levels_right += read == line.kind
        counts.n_lines += 1
        counts.n_right += right
        counts.confusion[line.kind, read] += 1
        if not right:
            counts.errors.append(f"{page.id} {line.kind} -> {read}: {raw[:SHOWN_CHARS]}")
        if line.kind == "furniture":
            counts.n_left += len(kept)
        elif not may_go:
            told = [i for i in places if _TOLD.match(page.text[i])]
            counts.n_article += len(told)
            counts.n_lost += sum(i not in at for i in told)
    counts.n_titles = 1
    counts.n_titles_right = int(is_same(article.title, page.title))
    if not counts.n_titles_right:
        counts.errors.append(f"{page.id} title: {page.title} | {article.title}")
    return counts


def is_same(title: str, wanted: str) -> bool:
    """Say whether two titles have the same words; signs, blanks and script do not count."""
    folded = read_characters(MappedText.from_raw(wanted)).text
    return _NOT_WORDS.sub("", title) == _NOT_WORDS.sub("", folded)


def _read_kind(article: Article, kept: Sequence[int], n_places: int) -> str:
    """The kind of the block that holds most of the characters, or `dropped`."""
    if not n_places or len(kept) < _KEPT_SHARE * n_places:
        return DROPPED
    blocks = Counter(block_at(article.blocks, i) for i in kept)
    number = blocks.most_common(1)[0][0]
    if number is None:
        return DROPPED
    block = article.blocks[number]
    return "subheading" if block.kind == "heading" and block.level > 1 else block.kind


def _is_right(labelled: str, read: str, *, may_go: bool) -> bool:
    if read == DROPPED:
        return may_go
    return read == labelled or {read, labelled} <= _HEADINGS


def read_pages(paths: Iterable[Path]) -> list[OutlinePage]:
    """Read labelled pages; a text is a file of its id beside the labels, or in `YIWEN_TEXTS`.

    Raises:
        InputError: a text is missing.
    """
    pages = []
    for path in paths:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        texts = find_texts(frozenset(row["id"] for row in rows))
        for row in rows:
            beside = [f for f in path.parent.rglob(row["id"]) if f.is_file()]
            if row["id"] not in texts and not beside:
                raise InputError(f"{path}：没有找到 {row['id']} 的原文（见 YIWEN_TEXTS）")
            text = texts.get(row["id"]) or beside[0].read_text(encoding="utf-8")
            source = row.get("source") or row.get("in") or ""
            lines = read_lines(row["labels"], text)
            pages.append(OutlinePage(row["id"], source, text, row["title"] or "", lines))
    return pages


def format_counts(name: str, counts: OutlineCounts) -> str:
    """Return a line of figures."""
    return (
        f"{name:32} lines {counts.n_lines:5} kind {counts.n_right / max(counts.n_lines, 1):.3f}"
        f"  level {counts.n_levels_right}/{counts.n_headings}"
        f"  title {counts.n_titles_right}/{counts.n_titles}"
        f"  furniture left {counts.n_left / max(counts.n_cleaned, 1):.2%}"
        f"  lost {counts.n_lost / max(counts.n_article, 1):.2%}"
    )


def format_kinds(counts: OutlineCounts) -> list[str]:
    """Return a line a kind: how many, how many right, and what else they were read as."""
    kinds = Counter[str]()
    for (kind, _), n in counts.confusion.items():
        kinds[kind] += n
    lines = []
    for kind, n in kinds.most_common():
        read = Counter({r: m for (k, r), m in counts.confusion.items() if k == kind})
        told = ", ".join(f"{r} {m}" for r, m in read.most_common())
        lines.append(f"  {kind:12} {n:5}: {told}")
    return lines


def main(
    paths: Annotated[list[Path] | None, typer.Argument(help="files of labelled pages")] = None,
    source: Annotated[list[str] | None, typer.Option(help="only pages of these sources")] = None,
    errors: Annotated[bool, typer.Option(help="list what is wrong")] = False,
) -> None:
    """Print how well the outlines of labelled pages are read."""
    pages = read_pages(paths) if paths else resolve_pages()[0]
    if source:
        pages = [page for page in pages if page.source in source]
    if not pages:
        raise InputError("没有标注过的网页，或原文不在手边（见 YIWEN_TEXTS）", code="no_articles")
    by_source: dict[str, OutlineCounts] = {}
    total = OutlineCounts()
    for page in pages:
        counts = count_page(page)
        by_source.setdefault(page.source, OutlineCounts()).add(counts)
        total.add(counts)
    for name in sorted(by_source):
        print(format_counts(name, by_source[name]))
    print(format_counts(f"all {len(pages)} pages", total))
    shares = [counts.n_right / counts.n_lines for counts in by_source.values()]
    print(f"{'mean of sources':32} kind {np.mean(shares):.3f}")
    print("\n".join(format_kinds(total)))
    if errors:
        print("\n".join(total.errors))


if __name__ == "__main__":
    run_command(main)
