#!/usr/bin/env bash
# Prints what a page downloads for the engine, and fails when it is more than 1.12 times what Go itself brings: an
# empty program, built in the same run. Brotli at its highest setting, as the relay serves it.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/tools.sh

need_node
engine=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/main.go" <<'GO'
package main

func main() {}
GO
GOOS=wasip1 GOARCH=wasm go build -buildvcs=false -buildmode=c-shared -ldflags="-s -w" -o "$work/empty.wasm" "$work/main.go"
.ci/engine.sh "$work/main.go" "$work/floor.wasm"

node - "$engine" "$work/empty.wasm" "$work/floor.wasm" <<'JS'
const { readFileSync } = require('node:fs');
const { brotliCompressSync, constants } = require('node:zlib');
const [engine, empty, floor] = process.argv.slice(2).map((path) => brotliCompressSync(readFileSync(path), {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
}).length);
const ratio = engine / empty;
console.log(`engine.wasm, brotli 11: ${engine} bytes, ${ratio.toFixed(3)} times an empty Go program of the same version`);
console.log(`(${empty} bytes; ${floor} when built with the engine's flags)`);
if (ratio > 1.12) {
  console.log('That is over 1.12: look at what the last change imports (go list -deps ./wasm).');
  process.exit(1);
}
JS
