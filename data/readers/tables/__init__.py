"""Readers of tables and lines: a row is an article."""
