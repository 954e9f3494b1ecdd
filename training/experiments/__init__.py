"""Experiments, whose results are in `training/EXPERIMENTS.md`."""
