#!/usr/bin/env bash
# Runs every fuzz target of every module for $FUZZTIME (60s) each, and then plays
# $MODELCASES (1,000,000) operations on all stacks of internal/e2e/model. Fails at
# the first that finds something.
set -euo pipefail
cd "$(dirname "$0")/../.."
fuzztime=${FUZZTIME:-60s}
cases=${MODELCASES:-1000000}

TUNICA_REDIS_SERVER=$(internal/scripts/redis.sh)
TUNICA_REQUIRE_REDIS=1
export TUNICA_REDIS_SERVER TUNICA_REQUIRE_REDIS

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# fuzz runs one target; what it prints stays in $log too.
fuzz() {
	go test -run '^$' -fuzz "^$2\$" -fuzztime "$fuzztime" "$1" 2>&1 </dev/null | tee "$log"
}

# spurious tells a run that failed by golang/go#75804 (mended in Go 1.27): the end
# of the fuzz time is reported as a failure, and no failing input is.
spurious() {
	grep -q '^ *context deadline exceeded$' "$log" && ! grep -qE 'Failing input|panic:|_test\.go:' "$log"
}

count=0
while read -r dir; do
	targets=$(go test -list '^Fuzz' "$dir" </dev/null) # and a last line: ok and the package
	for target in $(grep '^Fuzz' <<<"$targets" || true); do
		echo "-- $dir $target"
		count=$((count + 1))
		fuzz "$dir" "$target" && continue
		spurious || exit 1
		echo "-- $dir $target: the time was up at a bad moment (golang/go#75804): once more"
		fuzz "$dir" "$target"
	done
done < <(grep -rlE --include='*_test.go' '^func Fuzz' . | xargs -r -n1 dirname | sort -u)

if [ $count = 0 ]; then
	echo "fuzz.sh: no fuzz target found" >&2
	exit 1
fi
echo "fuzz.sh: $count targets, $fuzztime each: nothing found"

# The streams are long and random, so they are no fuzz target: rapid makes and
# shrinks them. All of the output is worth reading only if it fails.
model=./internal/e2e/model
echo "-- $model: $cases cases (a million take some minutes)"
if ! TUNICA_MODEL_CASES=$cases go test -count=1 -timeout 2h -v -run '^TestModel' $model >"$log" 2>&1 </dev/null; then
	cat "$log"
	exit 1
fi
sed -n 's/.*: \(model: .*\)/\1/p' "$log"
