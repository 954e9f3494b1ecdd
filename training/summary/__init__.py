"""The learned choice of summaries: its network, its examples, and how it is fitted."""
