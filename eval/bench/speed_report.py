"""The speed report of `yiwen bench`: everything measured in one run, with ratios."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from data.corpus.annotated import read_corpus
from data.corpus.loader import CORPUS_FOLDER
from data.gold import read_gold_articles
from eval.bench.machine import macs_per_token, peak_float32, peak_int8
from eval.bench.operators import OperatorTimes, time_operators
from eval.bench.pipeline import Cold, Latency, start_cold, time_lengths, time_parts
from eval.bench.rivals import bert_base, bert_base_int8, tfidf_regression
from eval.bench.runtimes import RuntimeResult, compare_runtimes
from eval.bench.runtimes import make_table as runtime_table
from eval.bench.timing import Rate, time_texts
from model import Analyzer, Article
from model.encoder import Encoder
from model.manifest import ENCODER_NAME
from model.network import count_streams

N_TEXTS = 60
# BERT-base in float32 processes some 700 tokens a second on two cores: a few texts suffice.
RIVAL_CHARS = 12_000
ONE_BY_ONE = "医闻（全部：主题、数字、摘要）"
TOGETHER = "医闻（同上，多篇同时，归档时如此）"
BASE = "BERT-base，transformers float32"


@dataclass(frozen=True)
class Bench:
    """Everything measured; rates by name of the part or of the alternative."""

    model: str
    n_cores: int
    parts: dict[str, Rate]
    rivals: dict[str, Rate]
    lengths: list[Latency]
    cold: Cold
    tokens_per_s: float
    macs_per_token: int
    peak_float32: float
    peak_int8: float
    account: OperatorTimes
    runtimes: list[RuntimeResult]

    @property
    def encoder_gmacs(self) -> float:
        """Billions of multiply-adds a second that the encoder does with its weights."""
        return self.tokens_per_s * self.macs_per_token / 1e9

    @property
    def product_gmacs(self) -> float:
        """Billions of multiply-adds a second while the products with weights run."""
        return self.account.n_tokens * self.macs_per_token / self.account.products_s / 1e9


def run_bench(folder: Path, data: Path | None, out: Path | None, console: Console) -> Bench:
    """Measure and print.

    Args:
        folder: a model folder.
        data: texts to measure on, as for `yiwen eval`; by default articles of the corpus.
        out: a JSON file for the results.
        console: where to print.
    """
    analyzer = Analyzer.load(folder)
    texts = _load_texts(analyzer, data)
    console.print(f"在 {len(texts)} 篇、{sum(map(len, texts)):,} 字上测量，约需两三分钟……")
    parts = time_parts(analyzer, texts)
    bench = Bench(
        model=analyzer.manifest.version,
        n_cores=os.cpu_count() or 1,
        parts=parts,
        rivals=_time_rivals(folder, analyzer, texts),
        lengths=time_lengths(analyzer, texts),
        cold=start_cold(folder, texts),
        tokens_per_s=parts["编码"].chars_per_s * _tokens_per_char(analyzer, texts),
        macs_per_token=macs_per_token(folder / ENCODER_NAME),
        peak_float32=peak_float32(),
        peak_int8=peak_int8(),
        account=_time_operators(folder, analyzer, texts),
        runtimes=compare_runtimes(folder, [Article.from_raw(text) for text in texts]),
    )
    for table in (
        _part_table(bench),
        _rival_table(bench),
        _length_table(bench),
        _account_table(bench),
        runtime_table(bench.runtimes),
    ):
        console.print(table)
    console.print(_machine_lines(bench))
    if out:
        out.write_text(json.dumps(asdict(bench), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return bench


def _load_texts(analyzer: Analyzer, data: Path | None) -> list[str]:
    keys = frozenset(analyzer.manifest.theme_names)
    if data is not None:
        texts = [gold.text for gold in read_gold_articles(data, keys)]
    else:
        texts = [article.text for article in read_corpus(CORPUS_FOLDER, keys)]
    return texts[:: max(1, len(texts) // N_TEXTS)][:N_TEXTS]


def _time_operators(folder: Path, analyzer: Analyzer, texts: Sequence[str]) -> OperatorTimes:
    manifest = analyzer.manifest
    encoder = Encoder.load(folder, manifest.window_tokens, manifest.marks)
    articles = map(Article.from_raw, texts)
    batches = [batch for article in articles for batch in encoder.make_batches(article)]
    return time_operators(folder / ENCODER_NAME, batches)


def _time_rivals(folder: Path, analyzer: Analyzer, texts: Sequence[str]) -> dict[str, Rate]:
    """Time Yiwen and the alternatives over the same texts, few enough for the slowest."""
    few = [texts[0]]
    for text in texts[1:]:
        if sum(map(len, few)) + len(text) <= RIVAL_CHARS:
            few.append(text)
    slow, model = bert_base(texts)
    with TemporaryDirectory(prefix="yiwen-bench-") as scratch:
        runs = {
            ONE_BY_ONE: lambda text: analyzer.analyze(Article.from_raw(text)),
            BASE: slow,
            "BERT-base，ONNX Runtime int8": bert_base_int8(model, texts, Path(scratch)),
            "字符 TF-IDF + 逻辑回归": tfidf_regression(texts),
        }
        rates = {name: time_texts(run, few) for name, run in runs.items()}
    return {TOGETHER: _time_together(folder, few), **rates}


def _time_together(folder: Path, texts: Sequence[str]) -> Rate:
    """Time Yiwen as an archive is tagged: several articles at a time."""
    n_articles = count_streams()
    analyzer = Analyzer.load(folder, threads=1, streams=n_articles)
    return time_texts(lambda text: analyzer.analyze(Article.from_raw(text)), texts, n_articles)


def _tokens_per_char(analyzer: Analyzer, texts: Sequence[str]) -> float:
    n_tokens = sum(analyzer.count_tokens(Article.from_raw(text)) for text in texts)
    return n_tokens / sum(map(len, texts))


def _part_table(bench: Bench) -> Table:
    table = Table(title=f"{bench.model}，{bench.n_cores} 核")
    for column in ("部分", "篇/秒", "字/秒", "占全部时间"):
        table.add_column(column, justify="left" if column == "部分" else "right")
    whole = bench.parts["全部"]
    for name, rate in bench.parts.items():
        share = whole.chars_per_s / rate.chars_per_s
        cells = (f"{rate.articles_per_s:,.1f}", f"{rate.chars_per_s:,.0f}", f"{share:.1%}")
        table.add_row(name, *cells)
    return table


def _rival_table(bench: Bench) -> Table:
    table = Table(title="与常见做法比较（同样的文章；对手只做分类）")
    for column in ("方法", "篇/秒", "字/秒", f"对 {BASE} 的倍数"):
        table.add_column(column, justify="left" if column == "方法" else "right")
    base = bench.rivals[BASE].articles_per_s
    for name, rate in bench.rivals.items():
        cells = (f"{rate.articles_per_s:,.2f}", f"{rate.chars_per_s:,.0f}")
        table.add_row(name, *cells, f"{rate.articles_per_s / base:.1f}")
    return table


def _length_table(bench: Bench) -> Table:
    table = Table(title="单篇耗时（毫秒）")
    for column in ("字数", "中位", "95 分位"):
        table.add_column(column, justify="right")
    for latency in bench.lengths:
        table.add_row(str(latency.n_chars), f"{latency.p50_ms:.0f}", f"{latency.p95_ms:.0f}")
    return table


def _account_table(bench: Bench) -> Table:
    table = Table(title="编码器的时间花在哪里")
    table.add_column("运算")
    table.add_column("占网络的时间", justify="right")
    for kind, share in bench.account.shares.items():
        table.add_row(kind, f"{share:.1%}")
    return table


def _machine_lines(bench: Bench) -> str:
    cold = bench.cold
    return (
        f"冷启动：载入 {cold.load_s:.2f} 秒，第一份报告 {cold.first_report_s:.2f} 秒；"
        f"内存峰值 {cold.peak_mb:.0f} MB\n"
        f"编码器：每秒 {bench.tokens_per_s:,.0f} 个词元，{bench.encoder_gmacs:.0f} G 次乘加；"
        f"本机矩阵乘每秒最多 8 位 {bench.peak_int8:.0f} G、float32 {bench.peak_float32:.0f} G 次，"
        f"编码器为其 {bench.encoder_gmacs / bench.peak_int8:.0%}"
        f" 与 {bench.encoder_gmacs / bench.peak_float32:.0%}；"
        f"权重乘法本身 {bench.product_gmacs:.0f} G，为 8 位最多的"
        f" {bench.product_gmacs / bench.peak_int8:.0%}；"
        f"注意力读入的有 {bench.account.padding:.0%} 是补位，"
        "其余运算没有补位"
    )
