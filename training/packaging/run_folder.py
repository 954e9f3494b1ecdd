"""The run folder, beside the model folder: inputs and results of one training."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from safetensors.torch import save_file
from tokenizers import Tokenizer

from data.chinese_fonts import find_chinese_fonts
from data.labelled import LabelledArticle
from model import InputError
from training.encoder.trainable import TrainableNetwork
from training.fitting.checkpoint import Checkpoint
from training.packaging.names import (
    CHECKPOINT_NAME,
    CURVE_NAME,
    DATA_NAME,
    METRICS_NAME,
    RUN_SUFFIX,
    SETTINGS_NAME,
    WEIGHTS_NAME,
)
from training.settings import Settings

_SIZE_INCHES = (7, 4)
_SMOOTHED_STEPS = 20


@dataclass(frozen=True)
class RunFolder:
    """The folder `MODEL.run`."""

    path: Path

    @classmethod
    def beside(cls, model: Path) -> RunFolder:
        """Return the run folder of the training that makes `model`.

        Raises:
            InputError: another folder has its name.
        """
        model = model.resolve()  # `.` has no name
        path = model.with_name(model.name + RUN_SUFFIX)
        if path.exists() and not (path / SETTINGS_NAME).is_file():
            raise InputError(
                f"{path} 已存在且不是训练记录，请换一个文件夹",
                code="folder_taken",
                folder=str(path),
            )
        return cls(path)

    def write_inputs(
        self,
        base: str,
        settings: Settings,
        train: Sequence[LabelledArticle],
        held_out: Sequence[LabelledArticle],
    ) -> str:
        """Write settings, and ids and hashes of the articles; return a digest of the data."""
        self.path.mkdir(parents=True, exist_ok=True)
        data = {
            "train": {a.id: _hash_article(a) for a in train},
            "held_out": {a.id: _hash_article(a) for a in held_out},
        }
        self._write(SETTINGS_NAME, {"base": base, **asdict(settings)})
        self._write(DATA_NAME, data)
        return hashlib.sha256((self.path / DATA_NAME).read_bytes()).hexdigest()

    def checkpoint(self, network: TrainableNetwork, tokenizer: Tokenizer) -> Checkpoint:
        """Return the checkpoint for these inputs and this base."""
        digest = hashlib.sha256()
        for name in (SETTINGS_NAME, DATA_NAME):
            digest.update((self.path / name).read_bytes())
        digest.update(tokenizer.to_str().encode())
        for weights in network.bert.state_dict().values():
            digest.update(weights.contiguous().numpy().tobytes())
        return Checkpoint(self.path / CHECKPOINT_NAME, digest.hexdigest())

    def write_results(
        self, metrics: dict[str, Any], losses: Sequence[float], network: TrainableNetwork
    ) -> None:
        """Write metrics, the curve of every step's loss, and the weights in half precision."""
        self._write(METRICS_NAME, metrics)
        draw_losses(losses, self.path / CURVE_NAME)
        half = {name: x.half().contiguous() for name, x in network.state_dict().items()}
        save_file(half, self.path / WEIGHTS_NAME)
        network.bert.config.save_pretrained(self.path)

    def write_curves(self, metrics: dict[str, Any], losses: Mapping[str, Sequence[float]]) -> None:
        """Write metrics and the curve of every head's loss."""
        self._write(METRICS_NAME, metrics)
        draw_curves(losses, self.path / CURVE_NAME)

    def _write(self, name: str, content: Any) -> None:
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        (self.path / name).write_text(text, encoding="utf-8")


def draw_losses(losses: Sequence[float], path: Path) -> None:
    """Draw the loss of each step, and its running mean."""
    figure = Figure(figsize=_SIZE_INCHES, layout="tight")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.plot(losses, color="#9ca3af", linewidth=0.8)
    starts = (max(0, i + 1 - _SMOOTHED_STEPS) for i in range(len(losses)))
    means = [sum(losses[a : i + 1]) / (i + 1 - a) for i, a in enumerate(starts)]
    fonts = find_chinese_fonts()
    label = f"{_SMOOTHED_STEPS} 步的平均" if fonts else f"mean of {_SMOOTHED_STEPS} steps"
    axes.plot(means, color="#2563eb", label=label)
    _finish(figure, fonts, path)


def draw_curves(losses: Mapping[str, Sequence[float]], path: Path) -> None:
    """Draw the loss of every head, by its name, after each step of its fit."""
    figure = Figure(figsize=_SIZE_INCHES, layout="tight")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for name, values in losses.items():
        axes.plot(values, label=name)
    _finish(figure, find_chinese_fonts(), path)


def _finish(figure: Figure, fonts: Sequence[str], path: Path) -> None:
    """Label the axes, in English where no font has Chinese characters, and write the picture."""
    (axes,) = figure.axes
    axes.set_xlabel("步" if fonts else "step")
    axes.set_ylabel("损失" if fonts else "loss")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.25)
    legend = axes.legend() if axes.get_lines() else None
    for text in (axes.xaxis.label, axes.yaxis.label, *(legend.get_texts() if legend else ())):
        text.set_fontfamily([*fonts, "DejaVu Sans"])
    figure.savefig(path, format="png", dpi=120)


def _hash_article(article: LabelledArticle) -> str:
    """Hash a text with its labels, so that a corrected label changes the hash."""
    labels = (
        sorted(article.themes), sorted(article.borderline), sorted(article.unasked),
        article.complete,
        [(s.start, s.end, sorted(s.themes), sorted(s.borderline), s.key)
         for s in article.sentences or ()],
    )  # fmt: skip
    return hashlib.sha256(f"{article.text}\n{labels}".encode()).hexdigest()
