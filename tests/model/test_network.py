from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from model import Analyzer, Article, ModelError
from model.analyzer import DEFAULT_MODEL
from model.encoder import Encoder
from model.manifest import ENCODER_NAME, Manifest
from model.network import Network
from model.runtimes import (
    ONNX_RUNTIME,
    OPENVINO,
    VARIABLE,
    OnnxRuntime,
    OpenVinoRuntime,
    Runtime,
    choose_runtime,
)
from model.windows import Batch
from tests.conftest import ARTICLE


class _Nothing:
    """A runtime that computes nothing and does not say so."""

    data = np.zeros((0, 5), np.float32)

    def create_infer_request(self) -> _Nothing:
        return self

    def infer(self, _: object) -> None:
        pass

    def get_tensor(self, _: str) -> _Nothing:
        return self


@pytest.fixture(scope="module")
def batches() -> list[Batch]:
    manifest = Manifest.load(DEFAULT_MODEL)
    encoder = Encoder.load(DEFAULT_MODEL, manifest.window_tokens, manifest.marks)
    texts = (ARTICLE, ARTICLE[: len(ARTICLE) // 2], ARTICLE * 2)
    return [batch for text in texts for batch in encoder.make_batches(Article.from_raw(text))]


@pytest.fixture(params=[OPENVINO, ONNX_RUNTIME])
def runtime(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    pytest.importorskip(request.param)
    monkeypatch.setenv(VARIABLE, request.param)
    return request.param


@pytest.mark.usefixtures("runtime")
@pytest.mark.parametrize(("threads", "streams"), [(2, 1), (1, 2), (0, 1)])
def test_threads_do_not_change_a_bit(batches: list[Batch], threads: int, streams: int) -> None:
    path = DEFAULT_MODEL / ENCODER_NAME
    alone = [Network.load(path, threads=1).run(batch) for batch in batches]
    network = Network.load(path, threads=threads, streams=streams)
    with ThreadPoolExecutor(3) as pool:  # one more than there are streams
        together = list(pool.map(network.run, batches))
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one[0], other[0])
        assert np.array_equal(one[1], other[1])


@pytest.mark.usefixtures("runtime")
def test_every_segment_has_a_row(batches: list[Batch]) -> None:
    vectors, logits = Network.load(DEFAULT_MODEL / ENCODER_NAME).run(batches[0])
    assert len(vectors) == len(logits) == len(batches[0].sentences)


class _Failing(_Nothing):
    def infer(self, _: object) -> None:
        raise RuntimeError("no primitive")


class _FailingSession:
    def run(self, *_: object) -> None:
        raise ValueError("missing input")


@pytest.mark.parametrize(
    "failing",
    [
        OpenVinoRuntime(_Nothing(), 1),
        OpenVinoRuntime(_Failing(), 1),
        OnnxRuntime(_FailingSession(), 1),
    ],
)
def test_a_runtime_that_computes_nothing_is_a_clear_error(
    batches: list[Batch], failing: Runtime
) -> None:
    network = Network(failing)
    for _ in range(2):  # the request is there again
        with pytest.raises(ModelError, match="没有算出结果"):
            network.run(batches[0])


@pytest.mark.usefixtures("runtime")
def test_a_file_that_is_no_network_is_a_clear_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no network")
    with pytest.raises(ModelError, match="无法载入"):
        Network.load(broken)


def test_both_runtimes_decide_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip(ONNX_RUNTIME)
    reports = []
    for name in (OPENVINO, ONNX_RUNTIME):
        monkeypatch.setenv(VARIABLE, name)
        reports.append(Analyzer.load().analyze(Article.from_raw(ARTICLE)))
    one, other = reports
    assert other.scores == pytest.approx(one.scores, abs=0.02)
    assert other.scores != one.scores  # they are two
    assert [theme.theme for theme in other.themes] == [theme.theme for theme in one.themes]
    assert [figure.body for figure in other.figures] == [figure.body for figure in one.figures]
    assert other.summary.text == one.summary.text
    assert not other.warnings


def test_the_second_runtime_is_taken_where_the_first_cannot_be_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip(ONNX_RUNTIME)
    monkeypatch.delenv(VARIABLE, raising=False)
    assert choose_runtime() == OPENVINO
    monkeypatch.setitem(sys.modules, OPENVINO, None)
    assert choose_runtime() == ONNX_RUNTIME
    monkeypatch.setitem(sys.modules, ONNX_RUNTIME, None)
    with pytest.raises(ModelError, match=r"openvino（.*onnxruntime（"):
        choose_runtime()


def test_a_runtime_that_is_none_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "torch")
    with pytest.raises(ModelError, match="YIWEN_RUNTIME 应为 openvino 或 onnxruntime，实为 torch"):
        choose_runtime()
