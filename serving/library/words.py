"""Words of a search and of an index: Chinese is cut into pairs of neighbouring characters.

SQLite's own tokenisers find no Chinese words (`unicode61`) or none of two characters (`trigram`).
As pairs, 人才队伍 is 人才 才队 队伍 伍; the last character stands alone so that one character is
found as the head of a pair. The index knows which articles have a pair, not where: a word of
three characters or more is looked up in the texts of those that have all of its pairs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from model import InputError

# Latin letters and digits with the point of a decimal; or a run of other letters, mostly Chinese.
_RUNS = re.compile(r"[0-9]+(?:\.[0-9]+)*|%|[a-z]+|[^\W\d_a-z]+")
_FOLDED = {0x3000: " ", **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}}
_QUERY = re.compile(r"""(-?)(?:["“”]([^"“”]+)["“”]|(\S+))""")
_MAX_WORDS = 20
# Tokens end in letters alone, so that FTS5's tokeniser takes each as it is.
_SIGNS = str.maketrans({".": "p", "%": "q"})


@dataclass(frozen=True)
class WordQuery:
    """What an article must hold, and what it must not; each a word or a phrase, folded."""

    words: tuple[str, ...]
    without: tuple[str, ...] = ()

    @property
    def match(self) -> str:
        """The tokens of all words in the language of FTS5; empty where nothing is asked for.

        Articles that match may hold the pairs apart: `takes` looks at the text itself.
        """
        tokens = dict.fromkeys(token for word in self.words for token in _tokens_of(word))
        return " AND ".join(tokens)

    def takes(self, folded: str) -> bool:
        """Whether a folded text holds what is wanted and nothing that is not."""
        return all(word in folded for word in self.words) and not any(
            word in folded for word in self.without
        )


def parse_words(typed: str) -> WordQuery:
    """Read what a person typed: words, all of them wanted; "a phrase"; -unwanted.

    Raises:
        InputError: nothing in it can be searched for, or there are too many words.
    """
    words: list[str] = []
    without: list[str] = []
    for minus, quoted, word in _QUERY.findall(typed.replace("\uff02", '"')):
        folded = fold(quoted or word).strip()
        if _RUNS.search(folded):
            (without if minus else words).append(folded)
    if len(words) + len(without) > _MAX_WORDS:
        raise InputError(f"一次最多搜 {_MAX_WORDS} 个词")
    if not words and typed.strip():
        raise InputError(f"“{typed.strip():.20}”里没有可搜的词")
    return WordQuery(tuple(words), tuple(without))


def fold(text: str) -> str:
    """Return a text with half-width and lower-case letters; as long as before."""
    folded = text.translate(_FOLDED)
    lower = folded.lower()
    return lower if len(lower) == len(folded) else folded


def to_tokens(text: str) -> str:
    """Return a text as the index holds it: tokens between spaces."""
    return " ".join(token for run in _RUNS.findall(fold(text)) for token in _cut(run))


def find_places(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return where words occur in a text, in order, without overlaps."""
    places: list[tuple[int, int]] = []
    if pattern := "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)):
        places = [match.span() for match in re.finditer(pattern, fold(text))]
    return places


def _cut(run: str) -> list[str]:
    if run[0].isascii():
        return [run.translate(_SIGNS)]
    return [run[i : i + 2] for i in range(len(run))]


def _tokens_of(word: str) -> list[str]:
    """Return the tokens of a word for a query; a last character that stands alone heads a pair."""
    tokens: list[str] = []
    for run in _RUNS.findall(word):
        cut = _cut(run)
        is_whole = run[0].isascii() or len(cut) == 1
        tokens += [f'"{token}"' for token in (cut if is_whole else cut[:-1])]
        if not run[0].isascii() and len(cut) == 1:
            tokens[-1] += "*"
    return tokens
