"""The plain `transformers` classifier that `yiwen export` writes."""
