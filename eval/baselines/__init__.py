"""Baselines: simple methods, measured in the same run on the same split as the model."""

from __future__ import annotations

from eval.baselines.baseline import Aspect, Baseline, Embed, run_baselines

__all__ = ["Aspect", "Baseline", "Embed", "run_baselines"]
