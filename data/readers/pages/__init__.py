"""Readers of documents: a web page, a PDF, a Word file, plain text."""
