"""Fitting: examples, steps, heads, checkpoints and what is measured on the way."""
