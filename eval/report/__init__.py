"""The quality report: HTML file, charts, mistakes, comparison of models."""
