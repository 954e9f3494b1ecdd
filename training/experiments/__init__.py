"""Experiments: trials whose results stand in `EXPERIMENTS.md`."""
