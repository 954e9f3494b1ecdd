"""Serving: command line, archive runs and output files."""
