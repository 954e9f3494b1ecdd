"""Cleaning: from a text as pasted to the text that everything else reads."""

from model.cleaning.steps import CLEANING_VERSION, MAX_CHARS, MIN_HAN, Cleaned, clean

__all__ = ["CLEANING_VERSION", "MAX_CHARS", "MIN_HAN", "Cleaned", "clean"]
