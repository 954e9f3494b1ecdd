"""Options that events of several tabs share."""

from __future__ import annotations

from typing import Any

# For events that show no progress and are no endpoint of the API.
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
