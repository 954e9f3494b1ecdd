"""Finishing: from a trained network to a calibrated 8-bit model folder, sealed with hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from model.arrays import FloatArray
from model.encoder import Encoder
from model.manifest import ENCODER_NAME, TOKENIZER_NAME, Manifest
from training.encoder.onnx_export import article_logits, export_onnx, trained_logits
from training.encoder.probe_texts import make_probe
from training.encoder.quantize import quantize
from training.encoder.trainable import TrainableNetwork
from training.fitting.examples import Example
from training.fitting.metrics import describe_data, measure_quality, score_changes
from training.packaging.calibrate import HeldOut, fit_settings
from training.packaging.model_folder import seal
from training.settings import Settings
from training.training_data import TrainingData

EVIDENCE_THRESHOLD = 0.5
# Chosen on the dev set: 44 of 57 main themes are right, and 7 of the 19 articles without a main
# theme get none.
TOUCH_THRESHOLD = 0.2
PRIMARY_SHARE = 0.15


def make_model(
    network: TrainableNetwork,
    tokenizer: Tokenizer,
    data: TrainingData,
    held_out: Sequence[Example],
    folder: Path,
    *,
    base: str,
    settings: Settings,
    digest: str,
    extra_metrics: Mapping[str, Any],
) -> Manifest:
    """Export a trained network, calibrate it in 8 bits and seal it as a model folder.

    Args:
        network: the trained network.
        tokenizer: its tokenizer.
        data: the labelled articles of both parts.
        held_out: examples of the held-out part, in order.
        folder: the model folder; it is made.
        base: name of the base that training started from.
        settings: see `Settings`.
        digest: digest of the data.
        extra_metrics: further entries of the manifest's `metrics`.
    """
    folder.mkdir()
    logits = _export(network, tokenizer, held_out, folder)
    labels = np.stack([example.article_themes for example in held_out])
    found = HeldOut(logits["quantized"], labels)
    themes = fit_settings(data.themes, found, settings)
    encoder = Encoder.load(folder, settings.window_tokens, network.marks, threads=settings.threads)
    manifest = Manifest(
        name=settings.name, themes=themes, window_tokens=settings.window_tokens,
        evidence_threshold=EVIDENCE_THRESHOLD, touch_threshold=TOUCH_THRESHOLD,
        primary_share=PRIMARY_SHARE, base=base, files={}, marks=network.marks,
        probe=make_probe(encoder), held_out=tuple(article.id for article in data.held_out),
        metrics={
            **extra_metrics, **measure_quality(themes, found, settings),
            "score_changes": score_changes(logits, themes),
            "data": describe_data(data.train, data.held_out, digest),
        },
        settings=asdict(settings),
    )  # fmt: skip
    return seal(manifest, folder)


def _export(
    network: TrainableNetwork,
    tokenizer: Tokenizer,
    held_out: Sequence[Example],
    folder: Path,
) -> dict[str, FloatArray]:
    """Write network and tokenizer; return held-out article logits of each form of the network."""
    full = folder / "float32.onnx"
    export_onnx(network, full)
    quantize(full, folder / ENCODER_NAME)
    tokenizer.save(str(folder / TOKENIZER_NAME), pretty=False)
    logits = {
        "trained": trained_logits(network, held_out),
        "exported": article_logits(full, held_out, network.marks),
        "quantized": article_logits(folder / ENCODER_NAME, held_out, network.marks),
    }
    full.unlink()
    return logits
