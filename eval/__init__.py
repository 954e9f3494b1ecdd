"""Evaluation: metrics and the quality report."""
