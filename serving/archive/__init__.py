"""Archive runs: many articles to one output, resumable."""
