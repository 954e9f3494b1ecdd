"""The corpus: articles written for this project, pointers to real ones, and what checks them."""
