#!/usr/bin/env bash
# Everything that is checked without running the product. Each step prints what it is; the first failure ends it.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/tools.sh

need_packages
need_golangci_lint

echo "--- the top level"
.ci/toplevel.sh
echo "--- gofmt"
unformatted=$(gofmt -l wasm relay)
[ -z "$unformatted" ] || { echo "not formatted (make fmt): $unformatted"; exit 1; }
echo "--- imports of the Go packages"
.ci/imports-go.sh
echo "--- imports of the site's modules"
node .ci/imports-public.mjs
echo "--- go vet, for this machine, for a developer's other one and for the page"
go vet ./...
GOOS=darwin go vet ./...
GOOS=wasip1 GOARCH=wasm go vet ./wasm/...
go -C relay/e2e vet ./...
echo "--- golangci-lint"
"$golangci_lint" run --allow-parallel-runners ./...
(cd relay/e2e && "$golangci_lint" run --allow-parallel-runners --config ../../.golangci.yml ./...)
echo "--- tsc"
relay/e2e/node_modules/.bin/tsc --project public/jsconfig.json
