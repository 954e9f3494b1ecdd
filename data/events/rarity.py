"""How rare pairs of characters are in Chinese health news: a table without any text.

`rarity.bin` has a byte for each of 131,072 hashes of a pair: the inverse document frequency in
steps of 1/16, measured on 11,000 articles by `python -m eval.events --rarity`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

N_HASHES = 1 << 17
STEP = 1 / 16
RARITY_FILE = Path(__file__).with_name("rarity.bin")
Hashes = npt.NDArray[np.uint32]
Rarities = npt.NDArray[np.float32]
_FACTORS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1)


def hash_grams(text: str, n_chars: int) -> Hashes:
    """Return the hash of each run of `n_chars` characters, in order; at most five characters."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    n_grams = max(0, len(codes) - n_chars + 1)
    hashes = np.zeros(n_grams, np.uint32)
    for i in range(n_chars):
        hashes = (hashes ^ codes[i : i + n_grams]) * np.uint32(_FACTORS[i])
        hashes ^= hashes >> np.uint32(15)
    return hashes


def rarity_of(hashes: Hashes) -> Rarities:
    """Return the inverse document frequency of pairs of characters."""
    return _table()[hashes % N_HASHES]


@cache
def _table() -> Rarities:
    return np.frombuffer(RARITY_FILE.read_bytes(), np.uint8).astype(np.float32) * np.float32(STEP)
