"""Numbers: the grammar that finds quantities in Chinese text and reads their values."""
