"""Checkpoints: a killed fine-tuning resumes where it was, and ends with the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from zipfile import BadZipFile

import torch
from torch import Tensor, nn

EVERY_STEPS = 50


@dataclass(frozen=True)
class Checkpoint:
    """A file for the state of a fine-tuning; `fingerprint` is a hash of settings, data and base."""

    path: Path
    fingerprint: str

    def save(self, state: Mapping[str, Any]) -> None:
        """Replace the file in one step, so that a kill leaves the older state whole."""
        fresh = self.path.with_suffix(".new")
        torch.save({"fingerprint": self.fingerprint, **state}, fresh)
        fresh.replace(self.path)

    def load(self) -> dict[str, Any] | None:
        """Return the state, or None if there is none or it has another fingerprint."""
        if not self.path.is_file():
            return None
        try:
            state: dict[str, Any] = torch.load(self.path, weights_only=True)
        except (RuntimeError, UnpicklingError, BadZipFile, EOFError):
            return None  # no checkpoint: training starts anew
        return state if state.pop("fingerprint", None) == self.fingerprint else None

    def remove(self) -> None:
        """Delete the file after a finished training."""
        self.path.unlink(missing_ok=True)


def copy_trained(network: nn.Module) -> dict[str, Tensor]:
    """Copy the weights that training changes."""
    return {n: p.detach().clone() for n, p in network.named_parameters() if p.requires_grad}


def put_trained(network: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Put weights from `copy_trained` back."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name in weights:
                parameter.copy_(weights[name])
