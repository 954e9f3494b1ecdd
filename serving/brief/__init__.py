"""Briefs: what was new in some days, one entry an event, every sentence and number with its place."""
