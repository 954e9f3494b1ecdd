"""Analyse files by the HTTP service: `python examples/service_client.py URL FILE...`.

Each file is one article. A key, where one is needed, is in YIWEN_KEY. One article is asked for at
a time, and again where the service is busy; with the same Idempotency-Key it is done once.
"""

import os
import sys
import time
from pathlib import Path
from uuid import uuid4

import httpx

URL, FILES = sys.argv[1], [Path(name) for name in sys.argv[2:]]
KEY = os.environ.get("YIWEN_KEY", "")
HEADERS = {"Authorization": f"Bearer {KEY}"} if KEY else {}
BUSY = {429, 503}


def analyse(client: httpx.Client, path: Path) -> dict:
    """Return the report on a file; wait as long as the service asks for where it is busy."""
    headers = {"Idempotency-Key": str(uuid4())}
    while True:
        form = {"file": (path.name, path.read_bytes())}
        answer = client.post("/v1/articles", files=form, headers=headers)
        if answer.status_code not in BUSY:
            return answer.json()
        time.sleep(int(answer.headers.get("Retry-After", "2")))


with httpx.Client(base_url=URL, headers=HEADERS, timeout=120) as client:
    for path in FILES:
        report = analyse(client, path)
        if "code" in report:  # a problem (RFC 9457) in place of a report
            print(f"{path.name}\t{report['code']}\t{report['detail']}")
            continue
        themes = "、".join(theme["name"] for theme in report["themes"]) or "无主题"
        print(f"{path.name}\t{themes}\t{report['summary']['text']}")
