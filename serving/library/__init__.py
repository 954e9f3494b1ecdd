"""The library: articles that were analysed, searched in full text and grouped by event."""
