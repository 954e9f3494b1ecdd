"""Learned parts of the cast."""
