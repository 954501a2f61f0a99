#!/usr/bin/env bash
# Builds a Go package as the WebAssembly module that a page loads: engine.sh PACKAGE OUTPUT
#
# -s -w drops the symbol tables. Inlining no more than the small functions of the standard library, and of those packages of ours that
# no decision is made in, is worth 5 % of the download; no bounds checks in the standard library (our own packages keep them), 2 %;
# the older garbage collector, 2 %; a Go that no longer has one of these switches builds without it. -trimpath makes it the same module
# wherever it is built.
#
# Calls that decisions make often are inlined, as wasm/default.pgo has it, up to a size that costs 2 %. That is a profile of
#   go test -run '^$' -bench 'Decide|GetVariation' -benchtime 3s -cpuprofile wasm/default.pgo -o /dev/null ./wasm/engine
#
# Jumps that lead straight to where they go, rather than through a table, make calls faster and are worth 4 % (wasm/straighten).
# A module that was started already saves a page from compiling what starts it, and 6 % (wasm/prestart).
set -euo pipefail
cd "$(dirname "$0")/.."

package=$1 output=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# has EXPERIMENT: whether this Go has it
has() { GOEXPERIMENT=$1 go version >/dev/null 2>&1; }

experiments=
has nogreenteagc && experiments=nogreenteagc
smallest=-l # inlines nothing
if has newinliner; then
	experiments+=,newinliner
	smallest=-d=inlbudgetslack=-40 # functions of a cost up to 40 instead of 80
fi
small=("-gcflags=std=$smallest -B" "-gcflags=sortition/wasm/...=-d=pgoinlinebudget=600")
for cold in '' /datafile /event /internal/ecma /internal/decimal; do
	small+=("-gcflags=sortition/wasm/engine$cold=$smallest")
done
GOEXPERIMENT=${experiments#,} GOOS=wasip1 GOARCH=wasm \
	go build -buildvcs=false -trimpath -buildmode=c-shared -ldflags="-s -w" "${small[@]}" -o "$work/module.wasm" "$package"
go run ./wasm/straighten "$work/module.wasm" "$work/straightened.wasm"
go run ./wasm/prestart "$work/straightened.wasm" "$output"
