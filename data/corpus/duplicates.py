"""Near-duplicates: texts that share most of their characters, found by MinHash (Broder, 1997)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from datasketch import MinHash, MinHashLSH

from data.characters import strip_punctuation

SHINGLE_CHARS = 5
N_PERMUTATIONS = 128
# Share of common shingles from which two texts count as one story.
LIKENESS = 0.45

_SEED = 1


def sign_text(text: str) -> MinHash:
    """Return the MinHash of a text's shingles: character 5-grams without punctuation."""
    plain = strip_punctuation(text)
    n_shingles = max(len(plain) - SHINGLE_CHARS + 1, 1)
    signature = MinHash(num_perm=N_PERMUTATIONS, seed=_SEED)
    signature.update_batch({plain[i : i + SHINGLE_CHARS].encode() for i in range(n_shingles)})
    return signature


def find_clusters(texts: Sequence[str], keys: Sequence[Iterable[Hashable]] = ()) -> list[int]:
    """Return for each text the index of the first text of its cluster.

    Args:
        texts: near-duplicates among them, directly or through others, form a cluster.
        keys: further names of each text; texts with a common name are in one cluster as well.
    """
    parents = list(range(len(texts)))

    def root(i: int) -> int:
        while parents[i] != i:
            parents[i] = parents[parents[i]]
            i = parents[i]
        return i

    def join(i: int, j: int) -> None:
        first, second = sorted((root(i), root(j)))
        parents[second] = first

    for i, j in _like_pairs(texts):
        join(i, j)
    named: dict[Hashable, int] = {}
    for i, names in enumerate(keys):
        for name in names:
            join(named.setdefault(name, i), i)
    return [root(i) for i in range(len(texts))]


def find_known(texts: Sequence[str], known: Sequence[str]) -> list[int | None]:
    """Return for each text the index of a near-duplicate among `known`, or None."""
    index, signatures = _index(known)
    found: list[int | None] = []
    for text in texts:
        signature = sign_text(text)
        alike = [int(j) for j in index.query(signature)]
        likeness = {j: signature.jaccard(signatures[j]) for j in alike}
        best = max(likeness, key=likeness.__getitem__, default=None)
        found.append(best if best is not None and likeness[best] >= LIKENESS else None)
    return found


def _like_pairs(texts: Sequence[str]) -> Iterable[tuple[int, int]]:
    index, signatures = _index(texts)
    for i, signature in enumerate(signatures):
        for j in index.query(signature):
            if int(j) < i and signature.jaccard(signatures[int(j)]) >= LIKENESS:
                yield int(j), i


def _index(texts: Sequence[str]) -> tuple[MinHashLSH, list[MinHash]]:
    index = MinHashLSH(threshold=LIKENESS, num_perm=N_PERMUTATIONS)
    signatures = [sign_text(text) for text in texts]
    for i, signature in enumerate(signatures):
        index.insert(str(i), signature)
    return index, signatures


def group_by_cluster(clusters: Sequence[int]) -> list[list[int]]:
    """Return the members of each cluster, clusters in order of their first member."""
    groups: dict[int, list[int]] = defaultdict(list)
    for i in np.argsort(clusters, kind="stable"):
        groups[clusters[i]].append(int(i))
    return list(groups.values())
