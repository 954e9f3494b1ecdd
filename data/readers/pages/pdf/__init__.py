"""PDF: characters, lines, columns and tables of printed pages, as text."""
