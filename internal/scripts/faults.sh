#!/usr/bin/env bash
# Prints what each operation makes of each fault of Redis.
set -euo pipefail
TUNICA_REDIS_SERVER=$("$(dirname "$0")/redis.sh")
export TUNICA_REDIS_SERVER TUNICA_REQUIRE_REDIS=1
cd "$(dirname "$0")/../e2e"

go test ./faults -count=1 -v -table "$@" | grep -vE '^ *(===|--- PASS)'
