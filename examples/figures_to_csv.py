"""Write reports' key figures as a table: `figures_to_csv.py REPORTS.jsonl OUT.csv`."""

import csv
import json
import sys
from pathlib import Path

COLUMNS = ("indicator", "body", "value", "unit", "kind", "bound", "year", "sentence")

source, target = (Path(argument) for argument in sys.argv[1:])
with target.open("w", encoding="utf-8-sig", newline="") as stream:
    table = csv.writer(stream)
    table.writerow(("article", *COLUMNS))
    for line in source.read_text(encoding="utf-8").splitlines():
        report = json.loads(line)
        for figure in report.get("figures", []):
            table.writerow((report["id"], *(figure[column] for column in COLUMNS)))
