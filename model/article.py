"""`Article`: a cleaned text with its sentences and its way back to what was pasted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from model.cleaning.heading import parse_date
from model.cleaning.steps import clean
from model.outline import READ_HERE, Block, Hint, block_at, find_blocks
from model.sentences import split_sentences
from model.spans import Span, Turn

_LAST_SENTENCE = re.compile(r"[。！？](?=.)")


@dataclass(frozen=True)
class Article:
    """A cleaned, simplified text; made by `Article.from_raw`.

    `offsets[i]` is the index in `raw` of the character that `text[i]` came from; it has one
    entry more than `text`, so that an end can be mapped as well. Offsets rise, but where the
    second half of a torn sentence was moved up to the first, which `warnings` say. `sentences`
    cover all of `text` but white space, and none crosses the border of two `blocks`, which are the
    article's outline. `date` is ISO (`2023-01-16`) or empty; `published_in` is the paper or site
    that the text names as its source, or empty. `doubtful` are stretches of `text` that were read
    off a picture with little confidence.
    """

    id: str | int
    text: str
    raw: str = field(repr=False)
    offsets: npt.NDArray[np.int32] = field(repr=False, compare=False)
    sentences: tuple[Span, ...] = field(repr=False)
    title: str = ""
    date: str = ""
    source: str = ""
    warnings: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = field(default=(), repr=False)
    blocks: tuple[Block, ...] = field(default=(), repr=False)
    published_in: str = ""
    doubtful: tuple[Span, ...] = ()

    @classmethod
    def from_raw(
        cls,
        raw: str,
        *,
        id: str | int = "",
        title: str = "",
        date: str = "",
        source: str = "",
        doubtful: Sequence[Span] = (),
        hints: Sequence[Hint] = (),
    ) -> Article:
        """Clean `raw` and split it into sentences.

        Args:
            raw: the text as pasted or read.
            id: carried into the report as it is.
            title: wins over a title found in the text.
            date: wins over a date found in the text; one that cannot be read gives a warning.
            source: where the text is from; carried into the report.
            doubtful: stretches of `raw` that were read with little confidence.
            hints: what the file says of stretches of `raw`: headings, captions, lists.

        Raises:
            InputError: the text is empty, too short, too long or not Chinese.
        """
        cleaned = clean(raw)
        own_date = parse_date(date)
        unread = (f"日期 {date!r} 读不懂，未采用",) if date and not own_date else ()
        blocks = find_blocks(
            cleaned.text,
            cleaned.turns,
            title=title,
            guess=cleaned.title,
            hints=hints,
            offsets=cleaned.offsets,
        )
        named = _title_of((b for b in blocks if b.origin not in READ_HERE), cleaned.text)
        return cls(
            id=id,
            text=cleaned.text,
            raw=raw,
            offsets=cleaned.offsets,
            sentences=split_sentences(cleaned.text, (b.span.start for b in blocks)),
            title=title or named or cleaned.title or _title_of(blocks, cleaned.text),
            date=own_date or cleaned.date,
            source=source,
            warnings=(*unread, *cleaned.warnings),
            turns=cleaned.turns,
            blocks=blocks,
            published_in=cleaned.published_in,
            doubtful=_map_spans(doubtful, cleaned.offsets[:-1], len(raw)),
        )

    def to_raw(self, span: Span) -> Span:
        """Map a span of `text` to the stretch of `raw` that holds all it came from."""
        if span.end <= span.start:
            at = int(self.offsets[span.start])
            return Span(at, at)
        offsets = self.offsets[span.start : span.end]
        return Span(int(offsets.min()), int(offsets.max()) + 1)

    def block_of(self, number: int) -> Block | None:
        """Return the block in which the sentence of that number stands."""
        at = block_at(self.blocks, self.sentences[number].start)
        return None if at is None else self.blocks[at]

    def may_speak(self, number: int) -> bool:
        """Say whether the sentence of that number may be evidence or stand in a summary.

        Titles, headings, captions, credits, bare speakers' names, questions and furniture may not.
        """
        block = self.block_of(number)
        return block is None or block.may_speak

    def heads_of(self, number: int) -> tuple[str, ...]:
        """Return the headings and list openings that a sentence stands under, the nearest first.

        The opening of a list is its last sentence alone: `下一步要做三件事：`.
        """
        heads: list[str] = []
        block = self.block_of(number)
        while block is not None and block.parent is not None:
            block = self.blocks[block.parent]
            words = block.span.of(self.text)
            heads.append(words if block.level else _LAST_SENTENCE.split(words)[-1])
        return tuple(heads)

    def speaker_of(self, span: Span) -> str | None:
        """Return who says what the span covers, as the text names them, or None."""
        for turn in self.turns:
            if turn.speaker.start <= span.start and span.end <= turn.stretch.end:
                return turn.speaker.of(self.text)
        return None


def _title_of(blocks: Iterable[Block], text: str) -> str:
    """Return the words of the first title, or an empty string."""
    return next((block.span.of(text) for block in blocks if block.kind == "title"), "")


def _map_spans(
    spans: Sequence[Span], offsets: npt.NDArray[np.int32], n_raw: int
) -> tuple[Span, ...]:
    """Map stretches of the raw text to those of the text that came from them."""
    if not spans:
        return ()
    marked = np.zeros(n_raw, dtype=bool)
    for span in spans:
        marked[span.start : span.end] = True
    edges = np.flatnonzero(np.diff(marked[offsets], prepend=False, append=False))
    return tuple(Span(int(a), int(b)) for a, b in edges.reshape(-1, 2))


def removed_spans(article: Article) -> tuple[Span, ...]:
    """Return the stretches of `raw` that cleaning left out, in order; spaces are among them."""
    kept = np.sort(article.offsets[:-1])
    edges = np.concatenate([[-1], kept, [len(article.raw)]])
    gaps = np.flatnonzero(np.diff(edges) > 1)
    return tuple(Span(int(edges[i]) + 1, int(edges[i + 1])) for i in gaps)
