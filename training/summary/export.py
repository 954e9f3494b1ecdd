"""Writing the learned choice to its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from training.summary.network import ChoiceHead


def export_choice(head: ChoiceHead, path: Path) -> None:
    """Write a head's weights in float16."""
    parts = {
        name: value.detach().numpy().astype(np.float16) for name, value in head.state_dict().items()
    }
    save_file(parts, path)
