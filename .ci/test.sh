#!/usr/bin/env bash
# Every test, from the fastest to the slowest. Called by make test, which has built the relay.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/tools.sh

need_gcc
need_chromium
need_packages

echo "--- go vet"
go vet ./...
go -C relay/e2e vet ./...
echo "--- what must not allocate"
.ci/noalloc.sh
echo "--- go test -race"
go test -race ./...
echo "--- node --test"
find public relay/e2e/conformance relay/e2e/package -name '*.test.js' -print0 | xargs -0 node --disable-warning=MODULE_TYPELESS_PACKAGE_JSON --test "--test-concurrency=$(nproc)" --test-reporter=spec --test-timeout=180000
echo "--- answers compared with the official SDK's"
node relay/e2e/conformance/main.js --seeds 60
echo "--- the built relay and a real browser"
go -C relay/e2e test -count=1 -timeout=30m ./...
