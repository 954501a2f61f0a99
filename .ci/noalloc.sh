#!/usr/bin/env bash
# Runs the benchmarks of the engine and of stats that promise not to allocate (...NoAlloc) and fails on the first that does. Nothing is timed.
set -euo pipefail
cd "$(dirname "$0")/.."

go test -run '^$' -bench 'NoAlloc' -benchtime 1000x -benchmem ./wasm/engine/... ./relay/internal/stats | awk '
	/^Benchmark/ { ran++; if ($(NF-1) != 0) { print "allocates: " $0; bad = 1 } }
	END { if (!ran) { print "no benchmark ran"; exit 1 } if (!bad) print ran " benchmarks, no allocation"; exit bad }'
