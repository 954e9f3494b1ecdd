"""Reposts: articles that tell the same story, found and given one cluster."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from serving.archive.ledger.entries import StoryHead
from serving.archive.ledger.ledger import Ledger

# Share of shingles in common from which an article is a repost: a few changed words and figures
# or a dropped paragraph, not another report on the same event.
LIKENESS = 0.7
# 25 bands of 5: a pair of that likeness shares a band in 99% of cases, one of 0.3 in 6%.
N_BANDS = 25
BAND_ROWS = 5
_BAND_BYTES = 8
_SHOWN_FIGURES = 5
_NUMBERS = re.compile(r"[\W\d〇零一二两三四五六七八九十百千万亿]")
Record = dict[str, Any]


@dataclass(frozen=True)
class Signature:
    """A text's MinHash: `values` as uint32 bytes, and the hashes of its bands."""

    bands: tuple[int, ...]
    values: bytes


def sign(text: str) -> Signature:
    """Return the signature of a cleaned body."""
    from data.corpus.duplicates import sign_text

    values = sign_text(text).hashvalues.astype("<u4")
    rows = values[: N_BANDS * BAND_ROWS].reshape(N_BANDS, BAND_ROWS)
    bands = (_hash_band(i, row.tobytes()) for i, row in enumerate(rows))
    return Signature(tuple(bands), values.tobytes())


def find_head(signature: Signature, ledger: Ledger) -> StoryHead | None:
    """Return the story among the earlier ones that a text repeats: the likest, then the first."""
    values = np.frombuffer(signature.values, "<u4")
    best, best_likeness = None, LIKENESS
    for position, other in ledger.story_heads(signature.bands):
        likeness = float(np.mean(values == np.frombuffer(other, "<u4")))
        if likeness > best_likeness or (best is None and likeness == best_likeness):
            best, best_likeness = position, likeness
    return None if best is None else ledger.story_head(best)


def compare_figures(
    first: StoryHead, report: Mapping[str, Any], other: Mapping[str, Any]
) -> list[str]:
    """Warn of sentences that both articles have with different figures.

    Args:
        first: the first article of the story.
        report: its report.
        other: the report of one that repeats it.
    """
    known, own = _figures_by_sentence(report), _figures_by_sentence(other)
    pairs = [
        f"“{here}”在首篇为“{there}”"
        for key in own
        for here, there in zip(own[key], known.get(key, ()), strict=False)
        if here != there
    ]
    if not pairs:
        return []
    more = f"等 {len(pairs)} 处" if len(pairs) > _SHOWN_FIGURES else ""
    return [f"与首篇 {first.id} 的数字不同：{'；'.join(pairs[:_SHOWN_FIGURES])}{more}，请核对"]


def _figures_by_sentence(report: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for figure in report["figures"]:
        found.setdefault(_bare(figure["sentence"]), []).append(figure["text"])
    return found


def _bare(text: str) -> str:
    return _NUMBERS.sub("", text)


def _hash_band(number: int, values: bytes) -> int:
    digest = hashlib.blake2b(values, digest_size=_BAND_BYTES, salt=bytes([number])).digest()
    return int.from_bytes(digest, "little", signed=True)
