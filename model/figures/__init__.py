"""Key figures: candidates from a grammar, guards against look-alikes, then reading."""

from model.figures.consistency import find_conflicts
from model.figures.find import find_figures

__all__ = ["find_conflicts", "find_figures"]
