"""Output: reports as lines, tables, Word and text."""
