"""Reading: a learned head says which numbers are key figures, and whose."""
