"""Codes of the errors on which a face has its own advice: the command line, or the page."""

from __future__ import annotations

LEDGER_DAMAGED = "ledger-damaged"
NO_LEDGER = "no-ledger"
RUN_UNDER_WAY = "run-under-way"
RAY_MISSING = "ray-missing"
RAY_WORKER_LOST = "ray-worker-lost"
STORE_TOO_NEW = "store-too-new"
NO_SUCH_USER = "no-such-user"
NO_USERS = "no-users"
CURRENT_MODEL_UNUSABLE = "current-model-unusable"
