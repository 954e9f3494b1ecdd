"""Names of the files in a run's folder, `MODEL.run`; light to import, for those who only read."""

from __future__ import annotations

RUN_SUFFIX = ".run"
SETTINGS_NAME = "settings.json"
DATA_NAME = "data.json"
METRICS_NAME = "metrics.json"
CURVE_NAME = "losses.png"
CHECKPOINT_NAME = "checkpoint.pt"
WEIGHTS_NAME = "weights.safetensors"
PROGRESS_NAME = "progress.json"
REVIEW_NAME = "review.csv"
LABEL_FILES_NAME = "label_files.json"
