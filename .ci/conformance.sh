#!/usr/bin/env bash
# Compares every answer of our SDK with the official one's, over projects made from seeds. Called by make conformance,
# which has built the engine.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/tools.sh

need_packages
node relay/e2e/conformance/main.js "$@"
