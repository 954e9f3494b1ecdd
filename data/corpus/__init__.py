"""The corpus: articles written for this project, pointers to real ones, loader and checks."""
