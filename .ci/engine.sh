#!/usr/bin/env bash
# Builds a Go package as the WebAssembly module that a page loads: engine.sh PACKAGE OUTPUT
#
# -w drops the tables for debuggers; the names of functions are dropped once wasm/straighten has looked at them. No bounds checks in the
# standard library (our own packages keep them) are worth 2 % of the download, and the older garbage collector 2 %; a Go that no longer has it
# builds without it. -trimpath makes it the same module wherever it is built.
#
# Calls that decisions make often are inlined, as wasm/default.pgo has it, up to a size that costs next to nothing. That is a profile of
#   go test -trimpath -run '^$' -bench 'Decide|GetVariation' -benchtime 3s -cpuprofile wasm/default.pgo -o /dev/null ./wasm/engine
#
# Jumps that lead straight to where they go, rather than through a table, and calls of which is known that they never come back make calls
# faster and are worth 6 % (wasm/straighten).
# A module that was started already, and has forgotten which lines it was written in, saves a page from compiling what starts it, and 16 %
# (wasm/prestart).
set -euo pipefail
cd "$(dirname "$0")/.."

package=$1 output=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

oldCollector=nogreenteagc
GOEXPERIMENT=$oldCollector go version >/dev/null 2>&1 || oldCollector=

GOEXPERIMENT=$oldCollector GOOS=wasip1 GOARCH=wasm go build -buildvcs=false -trimpath -buildmode=c-shared -ldflags="-w" \
	"-gcflags=std=-B" "-gcflags=sortition/wasm/...=-d=pgoinlinebudget=600" -o "$work/module.wasm" "$package"
go run ./wasm/straighten "$work/module.wasm" "$work/straightened.wasm"
go run ./wasm/prestart "$work/straightened.wasm" "$output"
