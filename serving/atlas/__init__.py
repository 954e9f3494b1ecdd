"""The atlas: what reports say of places, by indicator and year, with where each value stands."""
