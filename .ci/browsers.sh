#!/usr/bin/env bash
# The pages and the engine in browsers other than Chromium. Called by make browsers, which has built the relay. make test runs the
# same in those that are installed, and installs none.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/tools.sh

command -v firefox-esr >/dev/null || command -v firefox >/dev/null || install Firefox firefox-esr
command -v WebKitWebDriver >/dev/null || install WebKitWebDriver webkit2gtk-driver
command -v Xvfb >/dev/null || install Xvfb xvfb
go -C relay/e2e test -count=1 -v -run InOtherBrowsers .
