"""Baselines: what can be had without Yiwen, measured in the same run on the same split."""

from __future__ import annotations

from eval.baselines.run import Baseline, Embed, Task, run_baselines

__all__ = ["Baseline", "Embed", "Task", "run_baselines"]
