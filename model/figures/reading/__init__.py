"""Reading: a learned head says of each number what it measures, of whom, in which year and how."""
