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
# Go has functions for atomic loads, stores and so on, which are never inlined: 16 more to compile for a page. Nothing runs beside the page's
# one thread, so they are inlined but for those of pointers, which the compiler would watch for the collector (-overlay).
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

atomic=$(go env GOROOT)/src/internal/runtime/atomic/atomic_wasm.go
sed '/^\/\/go:noinline$/{N;/unsafe.Pointer/!s/.*\n//}' "$atomic" >"$work/atomic.go"
echo "{\"Replace\": {\"$atomic\": \"$work/atomic.go\"}}" >"$work/overlay.json"

oldCollector=nogreenteagc
GOEXPERIMENT=$oldCollector go version >/dev/null 2>&1 || oldCollector=

GOEXPERIMENT=$oldCollector GOOS=wasip1 GOARCH=wasm go build -buildvcs=false -trimpath -buildmode=c-shared -ldflags="-w" -overlay "$work/overlay.json" \
	"-gcflags=std=-B" "-gcflags=sortition/wasm/...=-d=pgoinlinebudget=600" -o "$work/module.wasm" "$package"
go run ./wasm/straighten "$work/module.wasm" "$work/straightened.wasm"
go run ./wasm/prestart "$work/straightened.wasm" "$output"
