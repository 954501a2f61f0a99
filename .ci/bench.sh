#!/usr/bin/env bash
# Measures what the README quotes. Called by make bench, which has built the relay; nothing else should be running.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/tools.sh

need_chromium
need_packages

.ci/size.sh public/sdk/engine/engine.wasm
echo
go -C relay/e2e run ./bench "$@"
