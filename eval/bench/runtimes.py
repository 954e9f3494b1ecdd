"""Both runtimes over the same articles: speed, and where they decide differently.

usage: python -m eval.bench.runtimes [INPUT...]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from os import environ
from pathlib import Path
from time import perf_counter

import numpy as np
from rich.console import Console
from rich.table import Table

from data.corpus.annotated import read_corpus
from data.corpus.loader import CORPUS_FOLDER
from data.readers import read_inputs
from model import Analyzer, Article, Report
from model.analyzer import DEFAULT_MODEL
from model.drift import probe_logits
from model.encoder import Encoder
from model.manifest import Manifest
from model.runtimes import ONNX_RUNTIME, OPENVINO, VARIABLE

_ONLY_ONE = "只装有一个运行库，无从比较"


@dataclass(frozen=True)
class RuntimeResult:
    """One runtime: articles a second, and what it shares with the first one.

    `equal_decisions` is the share of pairs of article and theme that are decided alike (named,
    named for review, or not), `equal_reports` that of articles with the same themes, figures and
    summary; `largest_change` is of a score. `drift` is the mean change of the manifest's probe
    (`model.drift`), None where the model has none.
    """

    name: str
    articles_per_s: float
    equal_decisions: float
    equal_reports: float
    largest_change: float
    drift: float | None


def compare_runtimes(folder: Path, articles: Sequence[Article]) -> list[RuntimeResult]:
    """Analyse all articles with each installed runtime; the others are compared to the first."""
    names = [name for name in (OPENVINO, ONNX_RUNTIME) if find_spec(name)]
    results: list[RuntimeResult] = []
    expected: list[Report] = []
    for name in names:
        with _runtime(name):
            analyzer = Analyzer.load(folder)
            drift = _measure_drift(folder)
        analyzer.analyze(articles[0])
        start = perf_counter()
        reports = [analyzer.analyze(article) for article in articles]
        rate = len(articles) / (perf_counter() - start)
        expected = expected or reports
        results.append(
            RuntimeResult(
                name=f"{name} {version(name)}",
                articles_per_s=rate,
                equal_decisions=_share_equal_decisions(expected, reports),
                equal_reports=_share_equal_reports(expected, reports),
                largest_change=_find_largest_change(expected, reports),
                drift=drift,
            )
        )
    return results


def make_table(results: Sequence[RuntimeResult]) -> Table:
    """Return the results as a table for the terminal."""
    table = Table(title="两种运行库（同一个网络文件；异同都与第一种相比）")
    for column in ("运行库", "篇/秒", "判断相同", "整份报告相同", "得分最大相差", "探测句相差"):
        table.add_column(column, justify="left" if column == "运行库" else "right")
    for one in results:
        table.add_row(
            one.name,
            f"{one.articles_per_s:.1f}",
            f"{one.equal_decisions:.2%}",
            f"{one.equal_reports:.1%}",
            f"{one.largest_change:.3f}",
            "—" if one.drift is None else f"{one.drift:.3f}",
        )
    if len(results) == 1:
        table.caption = _ONLY_ONE
    return table


@contextmanager
def _runtime(name: str) -> Iterator[None]:
    before = environ.get(VARIABLE)
    environ[VARIABLE] = name
    try:
        yield
    finally:
        if before is None:
            del environ[VARIABLE]
        else:
            environ[VARIABLE] = before


def _measure_drift(folder: Path) -> float | None:
    manifest = Manifest.load(folder)
    if manifest.probe is None:
        return None
    encoder = Encoder.load(folder, manifest.window_tokens, manifest.marks)
    found = probe_logits(encoder, manifest.probe.texts)
    return float(np.abs(found - np.array(manifest.probe.logits)).mean())


def _share_equal_decisions(expected: Sequence[Report], found: Sequence[Report]) -> float:
    pairs = [
        _decide(one, key) == _decide(other, key)
        for one, other in zip(expected, found, strict=True)
        for key in one.scores
    ]
    return sum(pairs) / len(pairs)


def _decide(report: Report, key: str) -> str:
    if any(theme.theme == key for theme in report.themes):
        return "named"
    return "review" if key in report.review else ""


def _share_equal_reports(expected: Sequence[Report], found: Sequence[Report]) -> float:
    pairs = zip(map(_list_results, expected), map(_list_results, found), strict=True)
    equal = [one == other for one, other in pairs]
    return sum(equal) / len(equal)


def _list_results(report: Report) -> tuple[object, ...]:
    themes = {theme.theme for theme in report.themes}
    return themes, report.primary, report.figures, report.summary.text


def _find_largest_change(expected: Sequence[Report], found: Sequence[Report]) -> float:
    return max(
        abs(one.scores[key] - other.scores[key])
        for one, other in zip(expected, found, strict=True)
        for key in one.scores
    )


def _main() -> None:
    if len(sys.argv) > 1:
        found = read_inputs(sys.argv[1:])
        articles = [article for article in found if isinstance(article, Article)]
    else:
        keys = frozenset(Manifest.load(DEFAULT_MODEL).theme_names)
        corpus = read_corpus(CORPUS_FOLDER, keys)
        articles = [Article.from_raw(one.text) for one in corpus]
    Console().print(make_table(compare_runtimes(DEFAULT_MODEL, articles)))


if __name__ == "__main__":
    _main()
