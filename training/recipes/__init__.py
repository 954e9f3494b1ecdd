"""Recipes: the ways to make a model, each a command."""
