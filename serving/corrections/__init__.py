"""Corrections: articles, labels and every change that people made, in the store."""
