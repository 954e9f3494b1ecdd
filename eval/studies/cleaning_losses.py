"""Losses of cleaning: `python -m eval.studies.cleaning_losses FILE.jsonl`.

The measuring sets have no marks of body text, so two shares are printed: of all Chinese characters,
and of Chinese characters in finished sentences, which page furniture seldom has. Every removed
stretch counts as a loss and is listed, worst articles first, to be read.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import typer

from data.command import run_command
from data.readers import Problem, read_inputs
from model.article import Article, removed_spans
from model.cleaning.characters import HAN
from model.spans import Span

SHOWN_CHARS = 120
MIN_COPY_CHARS = 6
_HAN = re.compile(f"[{HAN}]")
_FINISHED = re.compile(r"[^。！？\n]+[。！？]+[”’」）]*")
# The measuring collection's own lead before a text is no part of any sentence.
_STAMP = re.compile(r"\s*[^，。\n]{0,60}，正文[：:]\s*(?:原标题：)?")


@dataclass(frozen=True)
class Kept:
    """Counts of Chinese characters in an article: all, in finished sentences, and kept of both."""

    id: str | int
    n_all: int
    n_all_kept: int
    n_body: int
    n_body_kept: int
    lost: tuple[str, ...]


def count_kept(article: Article) -> Kept:
    """Count the characters that cleaning kept of an article."""
    raw = article.raw
    kept = np.zeros(len(raw), dtype=bool)
    kept[article.offsets[:-1]] = True
    for span in removed_spans(article):  # removing a second copy is no loss
        kept[span.start : span.end] |= _is_copy(span.of(raw), article.text)
    han = np.array([bool(_HAN.match(c)) for c in raw], dtype=bool)
    body = np.zeros(len(raw), dtype=bool)
    stamp = _STAMP.match(raw)
    for sentence in _FINISHED.finditer(raw, stamp.end() if stamp else 0):
        body[slice(*sentence.span())] = True
    return Kept(
        id=article.id,
        n_all=int(han.sum()),
        n_all_kept=int((han & kept).sum()),
        n_body=int((han & body).sum()),
        n_body_kept=int((han & body & kept).sum()),
        lost=tuple(_lost(article)),
    )


def _is_copy(removed: str, text: str) -> bool:
    title = _STAMP.sub("", removed).strip()
    return len(title) >= MIN_COPY_CHARS and title in text


def _lost(article: Article) -> Iterator[str]:
    for span in removed_spans(article):
        text = span.of(article.raw)
        if _HAN.search(text):
            behind = Span(span.end, span.end + 8).of(article.raw)
            yield f"[{' '.join(text.split())[:SHOWN_CHARS]}] {behind}".replace("\n", " ")


def main(
    files: Annotated[list[str], typer.Argument(help="Files or folders of articles.")],
) -> None:
    """Print the shares of Chinese characters that cleaning keeps, and every stretch it removes."""
    rows = []
    started = time.perf_counter()
    for item in read_inputs(files):
        if isinstance(item, Problem):
            print(item.id, item.message)
        else:
            rows.append(count_kept(item))
    elapsed_s = time.perf_counter() - started
    for row in sorted(rows, key=lambda row: row.n_body_kept - row.n_body):
        print(f"{row.id} 正文 -{row.n_body - row.n_body_kept} 全部 -{row.n_all - row.n_all_kept}")
        for lost in row.lost:
            print("   ", lost)
    n_all, n_body = sum(r.n_all for r in rows), sum(r.n_body for r in rows)
    print(f"{len(rows)} 篇，{elapsed_s:.1f} 秒")
    print(f"保留全部汉字的 {sum(r.n_all_kept for r in rows) / max(n_all, 1):.4%}")
    print(f"保留完整句子汉字的 {sum(r.n_body_kept for r in rows) / max(n_body, 1):.4%}")


if __name__ == "__main__":
    run_command(main)
