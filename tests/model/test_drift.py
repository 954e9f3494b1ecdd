from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from model import Analyzer, Article, ModelError
from model.analyzer import DEFAULT_MODEL
from model.drift import REFUSE_DRIFT, WARN_DRIFT, check_drift, probe_logits
from model.encoder import Encoder
from model.manifest import MANIFEST_NAME, Manifest, Probe
from tests.conftest import ARTICLE

TEXTS = (
    "县医院和乡镇卫生院结成医共体，派驻医师每周坐诊。",
    "影像科用上了人工智能读片，结果各家互认。",
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    manifest = Manifest.load(DEFAULT_MODEL)
    return Encoder.load(DEFAULT_MODEL, manifest.window_tokens, manifest.marks)


def probe(encoder: Encoder, drift: float = 0.0) -> Probe:
    logits = probe_logits(encoder, TEXTS) + drift
    return Probe(TEXTS, tuple(map(tuple, logits.astype(float))))


def test_the_machine_that_calibrated_is_not_warned_about(encoder: Encoder) -> None:
    assert check_drift(encoder, probe(encoder)) == ()
    assert check_drift(encoder, probe(encoder, WARN_DRIFT * 0.9)) == ()
    assert check_drift(encoder, None) == ()


def test_another_result_is_warned_about(encoder: Encoder) -> None:
    (warning,) = check_drift(encoder, probe(encoder, WARN_DRIFT * 1.2))
    assert "与模型校准时不一致" in warning


@pytest.mark.parametrize("drift", [REFUSE_DRIFT * 1.1, np.nan])
def test_an_absurd_result_is_refused(encoder: Encoder, drift: float) -> None:
    with pytest.raises(ModelError, match="完全不对"):
        check_drift(encoder, probe(encoder, drift))


def test_every_report_carries_the_warning(encoder: Encoder, tmp_path: Path) -> None:
    folder = shutil.copytree(DEFAULT_MODEL, tmp_path / "model")
    path = folder / MANIFEST_NAME
    off = probe(encoder, 2 * WARN_DRIFT)
    row = json.loads(path.read_text()) | {"probe": {"texts": off.texts, "logits": off.logits}}
    path.write_text(json.dumps(row))
    report = Analyzer.load(folder).analyze(Article.from_raw(ARTICLE))
    assert any("与模型校准时不一致" in warning for warning in report.warnings)
