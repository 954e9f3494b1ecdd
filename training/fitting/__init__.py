"""Fitting: examples, losses, fine-tuning, heads, distillation, checkpoints, metrics."""
