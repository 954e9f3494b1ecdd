"""Names of the files of a run folder, `MODEL.run`; this module imports nothing, so all may use it.

A run folder is the record of one training, beside the model folder that it made.
"""

RUN_SUFFIX = ".run"
SETTINGS_NAME = "settings.json"  # settings and base
DATA_NAME = "data.json"  # ids and hashes of the articles, trained on and held out
METRICS_NAME = "metrics.json"
CURVES_NAME = "losses.png"
PROGRESS_NAME = "progress.json"  # stage and state, while the training runs
REVIEW_NAME = "review.csv"  # labels that a person should check
CHECKPOINT_NAME = "checkpoint.pt"  # there until the training is done
WEIGHTS_NAME = "weights.safetensors"  # the trained network in half precision
