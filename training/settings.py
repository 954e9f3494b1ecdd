"""Experiment settings: one small frozen dataclass, overridable by a TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Gt, Interval

from data.text_files import read_text
from model import InputError
from model.manifest import is_plain_name
from model.validation import ContentError, validate
from model.windows import N_MARKS

Count = Annotated[int, Ge(0)]
AtLeastOne = Annotated[int, Ge(1)]
Weight = Annotated[float, Ge(0)]
Rate = Annotated[float, Gt(0)]
Share = Annotated[float, Interval(ge=0, le=1)]
Part = Annotated[float, Interval(gt=0, lt=1)]


@dataclass(frozen=True)
class Settings:
    """Everything that a training depends on besides its data.

    `dropped_layers` are left out of the base, the lowest being 0. `frozen_layers` counts the
    lower layers that keep the base's weights, word embeddings with them; their outputs are
    computed once. The heads are first trained alone for `probe_passes`, then all unfrozen weights
    for `passes`. `borderline_weight` weighs a borderline label, whose target is one half. The
    weights of the last `averaged_share` of the steps are averaged.

    Where a model is continued, `head_prior` penalises heads for moving away from their old
    weights. They learn from users' articles, each weighing `own_weight`, and up to
    `replay_articles` of the corpus; users' articles are scored out of `folds` folds.

    `held_out` is the share of articles kept for calibration. `review_precision` is the precision
    promised outside the review bands; up to `review_share` of the articles, the bands reach down
    to themes that may have been missed.
    """

    name: str = "default"
    seed: Annotated[int, Interval(ge=0, lt=2**32)] = 7
    dropped_layers: tuple[Count, ...] = (7, 9)
    frozen_layers: Count = 6
    window_tokens: Annotated[int, Gt(N_MARKS)] = 128
    probe_passes: Count = 6
    probe_learning_rate: Rate = 1e-2
    passes: Count = 3
    batch_tokens: AtLeastOne = 3_000
    learning_rate: Rate = 1e-4
    head_learning_rate: Rate = 1e-3
    warmup_share: Share = 0.1
    weight_decay: Weight = 0.01
    averaged_share: Share = 0.25
    positive_weight: Weight = 2.0
    borderline_weight: Weight = 0.5
    sentence_weight: Weight = 1.0
    salience_weight: Weight = 0.3
    head_prior: Weight = 1e-3
    own_weight: Weight = 2.0
    replay_articles: Count = 800
    folds: AtLeastOne = 5
    held_out: Part = 0.15
    review_precision: Share = 0.93
    review_share: Share = 0.1
    threads: Count = 2


DEFAULTS = Settings()


def read_settings(path: Path | None, defaults: Settings = DEFAULTS) -> Settings:
    """Read settings from a TOML file that overrides some of the defaults.

    Raises:
        InputError: the file names a setting that does not exist, or has a value of another type
            or out of range.
    """
    if path is None:
        return defaults
    try:
        overrides = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} 不是合法的 TOML：{error}") from None
    known = [field.name for field in fields(Settings)]
    if unknown := sorted(set(overrides) - set(known)):
        raise InputError(
            f"{path}：没有这些设置：{', '.join(unknown)}；可用的有：{', '.join(known)}"
        )
    try:
        settings = validate(Settings, asdict(defaults) | overrides)
    except ContentError as error:
        raise InputError(f"{path}：{error}") from None
    if not is_plain_name(settings.name):  # models are filed under it
        raise InputError(f"{path}：name 应为不含路径的名称，实为 {settings.name!r}")
    return settings
