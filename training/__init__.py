"""Training: base weights, network, fit, calibrate, export. The only home of torch."""
