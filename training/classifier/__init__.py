"""The plain classifier that `yiwen export` writes."""
