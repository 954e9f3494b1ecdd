"""The gate: floors that a model must hold, and the judgement of a new version."""
