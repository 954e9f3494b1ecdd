"""The encoder: packed base, trainable network, export to ONNX and back."""
