"""Data: readers for files, the labelled corpus and its loader, the list of themes."""
