"""The quality report: page, charts, mistakes, comparison of models."""
