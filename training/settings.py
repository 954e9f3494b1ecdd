"""Experiment settings: one small frozen dataclass, overridable by a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from data.files import read_text
from model import InputError


@dataclass(frozen=True)
class Settings:
    """What a fit depends on besides its data.

    `dropped_layers` are left out of the base, the lowest being 0. `frozen_layers` counts the
    lower layers that keep the base's weights, word embeddings with them; their outputs are
    computed once. The heads are first trained alone for `probe_passes`, then all that is not
    frozen for `passes`. `borderline_weight` weighs a borderline label, whose target is one
    half. The weights of the last `averaged_share` of the steps are averaged.

    Where a model is continued, its heads are held to what they were by `head_prior` and learn
    from users' articles, each weighing `own_weight`, and up to `replay_articles` of ours; users'
    articles are scored out of `folds` folds.

    `held_out` is the share of articles kept for calibration. `review_precision` is promised
    outside the review bands; up to `review_share` of the articles, the bands take in what may
    have been missed.
    """

    name: str = "default"
    seed: int = 7
    dropped_layers: tuple[int, ...] = (7, 9)
    frozen_layers: int = 6
    window_tokens: int = 128
    probe_passes: int = 6
    probe_learning_rate: float = 1e-2
    passes: int = 3
    batch_tokens: int = 3_000
    learning_rate: float = 1e-4
    head_learning_rate: float = 1e-3
    warmup_share: float = 0.1
    weight_decay: float = 0.01
    averaged_share: float = 0.25
    positive_weight: float = 2.0
    borderline_weight: float = 0.5
    sentence_weight: float = 1.0
    salience_weight: float = 0.3
    head_prior: float = 1e-3
    own_weight: float = 2.0
    replay_articles: int = 800
    folds: int = 5
    held_out: float = 0.15
    review_precision: float = 0.93
    review_share: float = 0.1
    threads: int = 2


DEFAULTS = Settings()


def read_settings(path: Path | None, defaults: Settings = DEFAULTS) -> Settings:
    """Read settings that override the defaults.

    Raises:
        InputError: the file names a setting that does not exist or gives one of another type.
    """
    if path is None:
        return defaults
    try:
        rows = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} 不是合法的 TOML：{error}") from None
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in rows.items()}
    known = {f.name: type(getattr(Settings(), f.name)) for f in fields(Settings)}
    if unknown := sorted(set(given) - set(known)):
        raise InputError(
            f"{path}：没有这些设置：{', '.join(unknown)}；可用的有：{', '.join(known)}"
        )
    for name, value in given.items():
        if not isinstance(value, known[name]) and not (known[name] is float and type(value) is int):
            raise InputError(f"{path}：{name} 应为 {known[name].__name__}，实为 {value!r}")
    return replace(defaults, **given)
