"""The encoder: base weights, network, export to the runtime and back."""
