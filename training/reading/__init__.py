"""The reading head of figures: its network, its examples, and how it is fitted."""
