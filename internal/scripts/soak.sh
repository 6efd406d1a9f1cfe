#!/usr/bin/env bash
# Takes every schedule of every scenario of the explorer, and takes the guards out
# of the code one at a time. Prints both figures. It takes about an hour.
set -euo pipefail
cd "$(dirname "$0")/../e2e"

go test ./explore -run TestExplore -explore.sample=0 -count=1 -timeout 3h -v "$@" |
	grep -vE '^ *(===|--- PASS)'
go run ./ablate
