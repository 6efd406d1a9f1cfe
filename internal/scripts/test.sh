#!/bin/sh
# Runs the tests of every module of go.work, against a real Redis that it finds
# or gets, with the race detector where that can be had. Arguments go to go test.
set -eu
cd "$(dirname "$0")/../.."

TUNICA_REDIS_SERVER=$(internal/scripts/redis.sh)
TUNICA_REQUIRE_REDIS=1
export TUNICA_REDIS_SERVER TUNICA_REQUIRE_REDIS

race=-race
if ! why=$(go build -race runtime/cgo 2>&1); then
	race=
	echo "test.sh: running without -race, which needs cgo and a C compiler: $why" >&2
fi
exec go test $race -shuffle=on -timeout 9m "$@" github.com/tunica-go/tunica/...
