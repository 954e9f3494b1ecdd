"""Packaging: calibration, the model card, the record of a run."""
