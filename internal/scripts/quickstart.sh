#!/usr/bin/env bash
# Runs the quickstart on memory and on a real Redis, and compares what the two
# print with each other and with the output that the repository shows.
set -euo pipefail
cd "$(dirname "$0")/../.."

server=$(internal/scripts/redis.sh)
want=examples/quickstart/testdata/output.txt
tmp=$(mktemp -d)
pid=
cleanup() {
	if [ -n "$pid" ]; then
		kill -KILL "$pid" && wait "$pid" || true
	fi 2>/dev/null
	rm -rf "$tmp"
}
trap cleanup EXIT

# start starts a server on a free port and sets pid and port.
start() {
	for _ in {1..20}; do
		port=$((10000 + RANDOM % 10000))
		"$server" --port "$port" --bind 127.0.0.1 --save "" --appendonly no --dir "$tmp" >"$tmp/redis.log" 2>&1 &
		pid=$!
		for _ in {1..200}; do
			grep -qs 'Ready to accept connections' "$tmp/redis.log" && return
			kill -0 "$pid" 2>/dev/null || continue 2 # the port was taken
			sleep 0.05
		done
		break
	done
	cat "$tmp/redis.log" >&2
	pid=
	return 1
}

same() {
	if ! diff -u "$1" "$2"; then
		echo "quickstart.sh: $3" >&2
		exit 1
	fi
}

go run ./examples/quickstart >"$tmp/memory.txt"
start
go run ./examples/quickstart -redis "redis://127.0.0.1:$port" >"$tmp/redis.txt"

[ -s "$tmp/memory.txt" ] || { echo "quickstart.sh: the quickstart printed nothing" >&2; exit 1; }
same "$tmp/memory.txt" "$tmp/redis.txt" "memory (-) and Redis (+) print different things"
same "$want" "$tmp/memory.txt" "the quickstart prints (+) something else than $want (-)"
echo "quickstart.sh: the same on memory, on Redis and in $want"
