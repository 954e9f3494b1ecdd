"""Readers: how many files a second a folder of mixed formats gives.

usage: python -m eval.bench.readers FOLDER
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

from data.readers import find_files, read_file


def time_files(folder: Path) -> dict[str, tuple[int, float]]:
    """Return for each suffix, and for all (`""`), the number of files and the seconds taken."""
    n_files: Counter[str] = Counter()
    seconds: defaultdict[str, float] = defaultdict(float)
    for path, name in find_files(str(folder)):
        start = time.perf_counter()
        for _ in read_file(path, name):
            pass
        for key in (path.suffix.lower(), ""):
            n_files[key] += 1
            seconds[key] += time.perf_counter() - start
    return {key: (n_files[key], seconds[key]) for key in n_files}


if __name__ == "__main__":
    for key, (n, taken) in sorted(time_files(Path(sys.argv[1])).items()):
        sys.stdout.write(f"{key or '全部'}\t{n} 个文件\t{taken:.1f} 秒\t{n / taken:.1f} 个/秒\n")
