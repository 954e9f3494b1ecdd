"""Analyses of single texts in worker processes, for the page and the HTTP service."""
