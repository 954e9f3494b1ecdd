"""Recipes: ways to make a model: from a base, continued, distilled, recalibrated."""
