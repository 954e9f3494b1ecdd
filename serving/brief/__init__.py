"""Briefs: what was new, one entry an event, every sentence and number with its place."""
