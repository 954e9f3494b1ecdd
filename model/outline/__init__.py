"""Outline: the blocks of an article's page, with kind, level and parent."""

from model.outline.block import ENVELOPE, KINDS, SILENT, Block, block_at
from model.outline.find import find_blocks

__all__ = ["ENVELOPE", "KINDS", "SILENT", "Block", "block_at", "find_blocks"]
