"""Reading: a learned head says what each figure counts, and whose it is."""
