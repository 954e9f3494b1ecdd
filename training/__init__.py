"""Training: base, network, fine-tuning, calibration, export; only here is torch imported."""
