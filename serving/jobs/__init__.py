"""Jobs: batch jobs and trainings, each done by a process of its own."""
