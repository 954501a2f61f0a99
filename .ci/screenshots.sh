#!/usr/bin/env bash
# Takes the README's pictures of the pages anew: .github/*.png. Called by make screenshots, which has built the relay.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/tools.sh

need_chromium
go -C relay/e2e run ./screenshots
