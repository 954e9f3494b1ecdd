"""单篇: one article, its report, and the report as a file."""
