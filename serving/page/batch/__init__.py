"""批量: many files as a job in the background."""
