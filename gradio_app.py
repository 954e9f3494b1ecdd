"""The start of the web page: `yiwen app`, or `python gradio_app.py` for port 7860."""

from __future__ import annotations

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # gradio reads it when imported

from serving.page.app import build_page, launch
from serving.registry.in_use import ModelInUse
from serving.registry.versions import Registry

__all__ = ["build_page", "launch"]

_PORT = 7860

if __name__ == "__main__":
    launch(ModelInUse(Registry.at_home()), _PORT)
