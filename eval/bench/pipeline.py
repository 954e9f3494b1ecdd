"""Yiwen's own speed: the pipeline and its parts, single articles by length, cold start, memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from eval.bench.timing import Rate, time_calls, time_texts
from model import Analyzer, Article
from model.names import read_cast

LENGTHS = (300, 1000, 3000)
N_CALLS = 20
_COLD = """
import json, re, resource, sys, time
start = time.perf_counter()
from pathlib import Path
from model import Analyzer, Article

def peak_mb():
    # Linux hands a parent's maximum on to its child; the status file starts anew.
    status = Path("/proc/self/status")
    found = status.is_file() and re.search(r"VmHWM:\\s*(\\d+) kB", status.read_text())
    kb = int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kb / 1024

analyzer = Analyzer.load(Path(sys.argv[1]))
loaded = time.perf_counter()
for text in json.load(sys.stdin):
    analyzer.analyze(Article.from_raw(text))
    first = locals().get("first") or time.perf_counter()
print(json.dumps([loaded - start, first - start, peak_mb()]))
"""


@dataclass(frozen=True)
class Latency:
    """Median and 95th percentile of single articles of one length, in milliseconds."""

    n_chars: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True)
class Cold:
    """A fresh process: seconds until the model is loaded and until the first report is made.

    `peak_mb` is the process's peak memory over all texts.
    """

    load_s: float
    first_report_s: float
    peak_mb: float


def time_parts(analyzer: Analyzer, texts: Sequence[str]) -> dict[str, Rate]:
    """Time the whole pipeline and each of its parts over the same texts."""
    articles = {text: Article.from_raw(text) for text in texts}
    reports = {text: analyzer.analyze(article) for text, article in articles.items()}
    encoded = {text: analyzer.encode(article) for text, article in articles.items()}

    def write_summary(text: str) -> object:
        report = reports[text]
        return analyzer.summarise(
            articles[text], encoded[text], report.themes, report.figures, cast=report.cast
        )

    return {
        "全部": time_texts(lambda text: analyzer.analyze(Article.from_raw(text)), texts),
        "清理": time_texts(Article.from_raw, texts),
        "编码": time_texts(lambda text: analyzer.encode(articles[text]), texts),
        "名称": time_texts(lambda text: read_cast(articles[text]), texts),
        "数字": time_texts(
            lambda text: analyzer.find_figures(articles[text], encoded[text], reports[text].cast),
            texts,
        ),
        "摘要": time_texts(write_summary, texts),
    }


def time_lengths(analyzer: Analyzer, texts: Sequence[str]) -> list[Latency]:
    """Time single articles, cut to length from all texts in a row."""

    def read(text: str) -> object:
        return analyzer.analyze(Article.from_raw(text))

    stock = "\n".join(texts)
    found = []
    for n_chars in LENGTHS:
        text = (stock * (1 + n_chars // len(stock)))[:n_chars]
        found.append(Latency(n_chars, *time_calls(partial(read, text), N_CALLS)))
    return found


def start_cold(model: Path, texts: Sequence[str]) -> Cold:
    """Load the model in a fresh process, and analyse every text there."""
    done = subprocess.run(  # noqa: S603 (our own interpreter and script)
        [sys.executable, "-c", _COLD, str(model)],
        input=json.dumps(list(texts)), capture_output=True, encoding="utf-8", check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    return Cold(*json.loads(done.stdout))
