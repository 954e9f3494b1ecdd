"""The extra `ocr`: whether text recognition is installed, and what is read with it."""

from __future__ import annotations

from importlib.util import find_spec

SCAN_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
HOW_TO_INSTALL = '请装上文字识别（pip install "yiwen[ocr]"），或先用别的文字识别（OCR）软件转成文字'
_PACKAGES = ("rapidocr", "onnxruntime")


def can_read_scans() -> bool:
    """Whether the extra is installed."""
    return all(find_spec(name) for name in _PACKAGES)
