"""Codes of the errors on which a face has its own advice: the command line, or the page."""

from __future__ import annotations

LEDGER_DAMAGED = "ledger_damaged"
NO_LEDGER = "no_ledger"
RUN_UNDER_WAY = "run_under_way"
RAY_MISSING = "ray_missing"
RAY_WORKER_LOST = "ray_worker_lost"
STORE_TOO_NEW = "store_too_new"
NO_SUCH_USER = "no_such_user"
NO_USERS = "no_users"
CURRENT_MODEL_UNUSABLE = "current_model_unusable"
NAMES_DAMAGED = "names_damaged"
OUTPUT_CHANGED = "output_changed"
OTHER_SETTINGS = "other_settings"
BACKUP_EXISTS = "backup_exists"
HOME_IN_USE = "home_in_use"
