"""Measure search in a large library: `python -m eval.bench.library_search TEXTS... [--n 100000]`.

The library is made of the texts (JSON Lines, perhaps packed), each altered so that no two are
alike: sentences in another order, numbers changed. Printed are times of queries, the size of the
index against the texts, and the recall of words of two characters against a plain look into them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine

from serving.home.database import open_store
from serving.library.articles import ArticleFilter, keep_records
from serving.library.search import SearchQuery, find_numbers, search
from serving.library.search_index import index_path, open_index

_N_WORDS = 200
_N_QUERIES = 300
_SOURCES = ("新华网", "健康报", "县融媒体", "人民网")
_THEMES = ("alliance", "prevention", "smart", "talent", "")
_WORD = re.compile(r"[\u4e00-\u9fff]{2}")
_SENTENCES = re.compile(r"(?<=[。！？\n])")


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--n", type=int, default=100_000)
    options = parser.parse_args()
    texts = [text for path in options.texts for text in read_texts(path)]
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/store.db")
        start = time.perf_counter()
        keep_records(store, make_records(texts, options.n))
        kept_s = time.perf_counter() - start
        start = time.perf_counter()
        with open_index(store):
            indexed_s = time.perf_counter() - start
        report(store, options.n, kept_s, indexed_s)
        store.dispose()


def report(store: Engine, n: int, kept_s: float, indexed_s: float) -> None:
    """Print times, size and recall."""
    with store.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT title || char(10) || text FROM library_articles ORDER BY id"
        )
        contents = [str(row[0]) for row in rows]
    n_bytes = sum(len(text.encode()) for text in contents)
    size = index_path(store).stat().st_size
    print(f"articles {n}, text {n_bytes / 1e6:.0f} MB; kept in {kept_s:.0f} s")
    print(
        f"index {size / 1e6:.0f} MB = {size / n_bytes:.2f} of the text, made in {indexed_s:.0f} s"
    )
    words = choose_words(contents)
    times = measure(store, words)
    for name, spent in zip(
        ("on the clock", "of the processor"), zip(*times, strict=True), strict=True
    ):
        p50, p95, slowest = (np.percentile(spent, q) * 1000 for q in (50, 95, 100))
        print(
            f"{len(spent)} queries, {name}: median {p50:.0f}, p95 {p95:.0f}, most {slowest:.0f} ms"
        )
    with open_index(store) as index:
        found = [set(find_numbers(store, index, SearchQuery(word))) for word in words]
    wanted = [{i for i, text in enumerate(contents, 1) if word in text} for word in words]
    n_found = sum(len(f & w) for f, w in zip(found, wanted, strict=True))
    n_wanted = sum(map(len, wanted))
    exact = sum(f == w for f, w in zip(found, wanted, strict=True))
    print(f"two characters: {len(words)} words, recall {n_found / n_wanted:.4f}, exact {exact}")


def measure(store: Engine, words: Sequence[str]) -> list[tuple[float, float]]:
    """Return seconds, on the clock and of the processor, of queries with one word or two."""
    draw, times = random.Random(1), []  # noqa: S311
    for i in range(_N_QUERIES):
        typed = " ".join(draw.sample(words, 1 + i % 2))
        theme = draw.choice(_THEMES) if i % 3 == 0 else ""
        since = "2024-03-01" if i % 5 == 0 else ""
        start = (time.perf_counter(), time.process_time())
        search(store, SearchQuery(typed, wanted=ArticleFilter(since=since, theme=theme)))
        times.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    return times


def choose_words(contents: Sequence[str]) -> list[str]:
    """Return two-character words of every frequency, the commonest among them."""
    draw = random.Random(2)  # noqa: S311
    sample = draw.sample(contents, min(2000, len(contents)))
    counts = Counter(word for text in sample for word in set(_WORD.findall(text)))
    common = [word for word, _ in counts.most_common(_N_WORDS // 2)]
    others = draw.sample(sorted(set(counts) - set(common)), _N_WORDS - len(common))
    return common + others


def make_records(texts: Sequence[str], n: int) -> Iterator[dict[str, Any]]:
    """Yield reports on altered texts."""
    draw = random.Random(0)  # noqa: S311
    for i in range(n):
        sentences = _SENTENCES.split(texts[i % len(texts)])
        draw.shuffle(sentences)
        text = re.sub(r"\d", lambda _: str(draw.randrange(10)), "".join(sentences))
        theme = draw.choice(_THEMES)
        yield {
            "id": str(i), "title": text[:20], "text": text, "source": draw.choice(_SOURCES),
            "date": f"2024-{1 + i % 12:02}-{1 + i % 28:02}", "scores": {}, "review": [],
            "themes": [{"theme": theme, "name": theme, "score": 0.9, "evidence": []}] * bool(theme),
            "primary": theme or None, "figures": [], "summary": {"text": "", "sentences": []},
            "warnings": [], "model": "bench",
        }  # fmt: skip


def read_texts(path: Path) -> Iterator[str]:
    """Yield the texts of a file of JSON Lines, packed or not."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


if __name__ == "__main__":
    main()
