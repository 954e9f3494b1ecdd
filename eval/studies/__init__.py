"""Studies: single questions about the pipeline, each a command."""
