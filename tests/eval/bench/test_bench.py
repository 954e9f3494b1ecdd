from __future__ import annotations

from threading import Barrier

import pytest

from eval.bench.machine import macs_per_token
from eval.bench.operators import BETWEEN, KINDS, OTHERS, time_operators
from eval.bench.pipeline import start_cold, time_parts
from eval.bench.rivals import tfidf_regression
from eval.bench.runtimes import compare_runtimes
from eval.bench.timing import time_calls, time_texts
from model import Analyzer, Article
from model.analyzer import DEFAULT_MODEL
from model.encoder import Encoder
from model.manifest import ENCODER_NAME
from tests.conftest import ARTICLE


def test_rates_count_articles_and_characters(monkeypatch) -> None:
    monkeypatch.setattr("eval.bench.timing.MIN_SECONDS", 0.0)
    seen: list[str] = []
    rate = time_texts(seen.append, ["一二三", "四"])
    assert seen == ["一二三", "一二三", "四"]  # one to warm up
    assert (rate.n_articles, rate.n_chars) == (2, 4)
    assert rate.chars_per_s == 2 * rate.articles_per_s


def test_several_texts_are_run_at_a_time(monkeypatch) -> None:
    monkeypatch.setattr("eval.bench.timing.MIN_SECONDS", 0.0)
    both = Barrier(2, timeout=5)  # nobody passes it alone
    rate = time_texts(lambda _: both.wait(), ["一二三", "四"], 2)
    assert (rate.n_articles, rate.n_chars) == (2, 4)


def test_percentiles() -> None:
    calls: list[int] = []
    median, high = time_calls(lambda: calls.append(1), 5)
    assert len(calls) == 6
    assert 0 <= median <= high


def test_the_parts_make_up_the_whole(analyzer: Analyzer, monkeypatch) -> None:
    monkeypatch.setattr("eval.bench.timing.MIN_SECONDS", 0.5)
    parts = time_parts(analyzer, [ARTICLE])
    times = {name: 1 / rate.articles_per_s for name, rate in parts.items()}
    assert 0.3 * times["全部"] < sum(t for n, t in times.items() if n != "全部") < 3 * times["全部"]


def test_a_cold_start_is_measured_in_a_process_of_its_own() -> None:
    cold = start_cold(DEFAULT_MODEL, [ARTICLE])
    assert 0 < cold.load_s < cold.first_report_s
    assert 50 < cold.peak_mb < 600


def test_the_encoders_work_is_counted_from_its_weights() -> None:
    assert 5e6 < macs_per_token(DEFAULT_MODEL / ENCODER_NAME) < 5e7


def test_the_encoders_time_is_accounted_for(analyzer: Analyzer) -> None:
    manifest = analyzer.manifest
    encoder = Encoder.load(DEFAULT_MODEL, manifest.window_tokens, manifest.marks)
    batches = encoder.make_batches(Article.from_raw(ARTICLE))
    account = time_operators(DEFAULT_MODEL / ENCODER_NAME, batches)
    assert sum(account.shares.values()) == pytest.approx(1)
    assert min(account.shares.values()) >= 0
    # What passes between operators is the machine's doing, and on a busy one it is the most.
    operators = {kind: share for kind, share in account.shares.items() if kind != BETWEEN}
    assert max(operators, key=operators.__getitem__) == next(iter(KINDS.values()))
    assert account.shares.get(OTHERS, 0) < 0.1
    assert account.n_tokens == sum(batch.ids.size for batch in batches)
    assert 0 <= account.padding < 0.5


def test_tfidf_answers() -> None:
    assert tfidf_regression([ARTICLE, "地铁三号线试运行"])(ARTICLE).shape == (1, 4)


def test_both_runtimes_are_measured_and_compared() -> None:
    pytest.importorskip("onnxruntime")
    first, second = compare_runtimes(DEFAULT_MODEL, [Article.from_raw(ARTICLE)])
    assert (first.equal_decisions, first.equal_reports, first.largest_change) == (1, 1, 0)
    assert second.equal_decisions == 1
    assert 0 < second.largest_change < 0.02
    assert second.drift is not None
    assert 0 < second.drift < 0.1
    assert second.articles_per_s > 0
