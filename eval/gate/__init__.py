"""The gate: quality floors of the committed gold set, and the comparison before a promotion."""
