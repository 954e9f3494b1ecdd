"""Tag many articles by the HTTP service: `python examples/service_batch.py URL IN.jsonl OUT.jsonl`.

Started again after it was stopped, it goes on where OUT.jsonl ends: the batch is the same because
its Idempotency-Key is made of the file, and results are read from an offset. A key is in YIWEN_KEY.
"""

import hashlib
import os
import sys
from pathlib import Path

import httpx

URL, SOURCE, OUT = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
KEY = os.environ.get("YIWEN_KEY", "")
HEADERS = {"Authorization": f"Bearer {KEY}"} if KEY else {}
PATIENT = httpx.Timeout(30, read=600)  # a batch that waits for others sends nothing meanwhile

with httpx.Client(base_url=URL, headers=HEADERS, timeout=PATIENT) as client:
    content = SOURCE.read_bytes()
    known = {
        "Content-Type": "application/x-ndjson",
        "Idempotency-Key": hashlib.sha256(content).hexdigest(),
    }
    answer = client.post("/v1/batches", content=content, headers=known)
    if not answer.is_success:
        sys.exit(f"{answer.json()['code']}: {answer.json()['detail']}")
    batch = answer.json()

    whole = OUT.read_bytes() if OUT.exists() else b""
    whole = whole[: whole.rfind(b"\n") + 1]  # a line that was cut is asked for again
    with OUT.open("wb") as out:
        out.write(whole)
        asked = {"offset": whole.count(b"\n"), "follow": True}
        with client.stream("GET", batch["results"], params=asked) as results:
            for block in results.iter_bytes():
                out.write(block)

    batch = client.get(f"/v1/batches/{batch['id']}").json()
    print(f"{batch['state']}: {batch['n_tagged']} tagged, {batch['n_failed']} failed")
