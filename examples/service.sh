#!/bin/sh
# The HTTP service by curl: examples/service.sh http://127.0.0.1:7861 ARTICLE.txt
# A key, where one is needed, is in YIWEN_KEY.
set -eu
url=$1 article=$2
call() { curl --silent --show-error ${YIWEN_KEY:+--header "Authorization: Bearer $YIWEN_KEY"} "$@"; }

call "$url/readyz"; echo

# One article, as a file; its report is one line of JSON.
call --form "file=@$article" "$url/v1/articles"; echo

# The same as JSON. The Idempotency-Key lets it be sent again without being done again.
python3 -c 'import json, sys; print(json.dumps({"text": open(sys.argv[1], encoding="utf-8").read()}))' "$article" |
    call --header 'Content-Type: application/json' --header 'Idempotency-Key: example-1' \
        --data-binary @- "$url/v1/articles"; echo

# Many files as a batch; the reports come as they are made.
results=$(call --form "files=@$article" "$url/v1/batches" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["results"])')
call --no-buffer "$url$results?follow=true"
