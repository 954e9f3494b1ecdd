"""Packaging: calibration, model card, model folder, run folder."""
