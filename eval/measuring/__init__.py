"""Measuring: predictions against gold, measures and their confidence intervals."""
