"""Scans: pictures of pages, and PDF files without a text layer, read by text recognition (OCR)."""
