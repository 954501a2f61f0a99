#!/usr/bin/env bash
# Builds a Go package as the WebAssembly module that a page loads: engine.sh PACKAGE OUTPUT
#
# -s -w drops the symbol tables, and no inlining inside the standard library (our own packages keep it) is
# worth 7 % of the download. The older garbage collector is worth 2 % more; a Go that no longer has the
# switch builds without it.
set -euo pipefail
cd "$(dirname "$0")/.."

package=$1 output=$2

if GOEXPERIMENT=nogreenteagc go version >/dev/null 2>&1; then
	export GOEXPERIMENT=nogreenteagc
fi
GOOS=wasip1 GOARCH=wasm go build -buildvcs=false -buildmode=c-shared \
	-ldflags="-s -w" -gcflags=std=-l -o "$output" "$package"
