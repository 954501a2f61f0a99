#!/usr/bin/env bash
# Takes the README's picture of the store anew: .github/store.png. Called by make picture, which has built the relay.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/tools.sh

need_chromium
go -C relay/e2e run ./picture
