"""Outline: the blocks of an article's page, with kind, level and parent."""

from model.outline.block import ENVELOPE, KINDS, SILENT, Block, block_at
from model.outline.find import READ_HERE, find_blocks
from model.outline.hints import Hint

__all__ = ["ENVELOPE", "KINDS", "READ_HERE", "SILENT", "Block", "Hint", "block_at", "find_blocks"]
