"""The registry of models: versions, which one is in use, and their judging."""
