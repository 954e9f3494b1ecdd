"""Reading: a learned head says whose each figure is."""
