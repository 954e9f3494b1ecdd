"""The HTTP service: what other programs call."""
