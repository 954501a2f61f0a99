#!/usr/bin/env bash
# The top level is fixed by the product's owner: these names, and hidden files.
set -euo pipefail
cd "$(dirname "$0")/.."

extra=$(git ls-files --cached --others --exclude-standard | cut -d/ -f1 | sort -u |
	grep -vxE 'wasm|relay|public|go\.mod|go\.sum|Makefile|README\.md|\..+' || true)
if [ -n "$extra" ]; then
	echo "the top level holds more than wasm, relay, public, go.mod, go.sum, Makefile and README.md:" $extra
	exit 1
fi
