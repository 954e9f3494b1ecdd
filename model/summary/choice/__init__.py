"""The learned choice: what each clause of an article is worth to its summary."""
