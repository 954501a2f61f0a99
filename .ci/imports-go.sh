#!/usr/bin/env bash
# Who may import whom among the Go packages, and why. Prints every offender with the rule it breaks.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=$(mktemp)
trap 'rm -f "$failed"' EXIT

# edges PATTERN: "importer imported" lines, tests not counted, of the packages that match.
edges() {
	go list -e -f '{{$p := .ImportPath}}{{range .Imports}}{{$p}} {{.}}{{"\n"}}{{end}}' "$@" | sed '/^$/d'
}

# forbid REASON IMPORTER IMPORTED: reads edges; no importer that matches the one may import what matches the other.
forbid() {
	awk -v reason="$1" -v from="^($2)\$" -v to="^($3)\$" -v failed="$failed" '
		$1 ~ from && $2 ~ to && !($1 ~ /test$/) {
			print $1 " imports " $2 ": " reason; print > failed
		}'
}

ours=$(edges ./... && GOOS=wasip1 GOARCH=wasm edges ./wasm)
check() { forbid "$@" <<<"$ours"; }

engine=sortition/wasm/engine
relay=sortition/relay/internal

check "the engine knows nothing of the relay" \
	'sortition/wasm(/.*)?' 'sortition/relay(/.*)?'
check "each of these costs a page tens of kilobytes, or gives the engine a clock, a network or a log; they are its callers'" \
	"$engine(/.*)?" 'time|fmt|reflect|os(/.*)?|io/fs|net(/.*)?|log(/.*)?|encoding/json|crypto(/.*)?|sync|context'
check "only the three packages above it need the wasm boundary" \
	"$engine(/.*)?" 'sortition/wasm'
check "packages for tests are imported by tests" \
	'.*' '.*/(enginetest|relaytest|wasmtest)'

# The engine's storeys: an import goes down, never up or sideways.
check "decision and event stand below the engine" \
	"$engine/.+" "$engine"
check "datafile stands below decision, event, delta and view" \
	"$engine/(datafile|audience|bucketing|internal/.*)" "$engine/(decision|event|delta|view)(/.*)?"
check "audience and bucketing stand below datafile" \
	"$engine/(audience|bucketing|internal/.*)" "$engine/datafile"
check "decision, event, delta and view do not know each other; the engine joins them" \
	"$engine/decision" "$engine/(event|delta|view)"
check "decision, event, delta and view do not know each other; the engine joins them" \
	"$engine/event" "$engine/(decision|delta|view)"
check "decision, event, delta and view do not know each other; the engine joins them" \
	"$engine/delta" "$engine/(decision|event|view)"
check "decision, event, delta and view do not know each other; the engine joins them" \
	"$engine/view" "$engine/(decision|event|delta)"
check "audience and bucketing do not know each other; datafile and decision join them" \
	"$engine/audience" "$engine/bucketing"
check "audience and bucketing do not know each other; datafile and decision join them" \
	"$engine/bucketing" "$engine/audience"

# The relay's parts meet in main.
check "the relay's parts meet only in its main package" \
	"$relay/.*" 'sortition/relay'
check "server hands requests to parts that main gives it; it knows only the webhook's form" \
	"$relay/server" "$relay/(dispatcher|eventlog|results|stats|hub|site)"
check "only server and main know the HTTP edge" \
	"$relay/[^/]*" "$relay/server"
check "the dispatcher drains the event log and knows nothing else" \
	"$relay/dispatcher" "$relay/(datasource|hub|results|site|stats|webhook)"
check "results fold the event log with the arithmetic of stats and know nothing else" \
	"$relay/results" "$relay/(datasource|dispatcher|hub|site|webhook)"
check "evaluate is a function of a datafile and a request; the server brings both, and keeps the events" \
	"$relay/evaluate" "$relay/.*|os|net/http"
check "only the server asks evaluate" \
	"$relay/(datasource|demo|dispatcher|eventlog|hub|results|site|stats|webhook)" "$relay/evaluate"
check "the event log stands alone" \
	"$relay/eventlog" "$relay/.*"
check "what relays share through NATS knows none of the parts that use it" \
	"$relay/fleet" "$relay/.*"
check "only what a fleet shares knows NATS; without a fleet nothing needs it" \
	"$relay/(datasource|demo|dispatcher|eventlog|hub|metrics|results|server|site|stats|webhook)" 'github.com/nats-io/.*'
check "demo edits the file behind a datasource; only server and main use it" \
	"$relay/demo" "$relay/(dispatcher|eventlog|hub|results|server|site|stats|webhook)"
check "demo edits the file behind a datasource; only server and main use it" \
	"$relay/(datasource|dispatcher|eventlog|hub|results|site|stats|webhook)" "$relay/demo"
check "the parts count for themselves; main alone names their numbers" \
	"$relay/.*" "$relay/metrics"
check "stats is arithmetic" \
	"$relay/stats" "$relay/.*|os|net(/.*)?|time"
check "this part stands alone" \
	"$relay/(hub|site|webhook|datasource)" "$relay/(dispatcher|eventlog|results|stats)"

# Goroutines: the engine is a function; whoever calls it decides what runs beside it.
if grep -rnE '^\s*go (func|[a-zA-Z_.]+\()' wasm/engine --include='*.go' --exclude='*_test.go'; then
	echo "the engine starts no goroutine" | tee -a "$failed"
fi

# Not even through somebody else: what the page's module links.
linked=$(GOOS=wasip1 GOARCH=wasm go list -e -deps ./wasm)
if grep -xE 'time|fmt|reflect|os|net|log|encoding/json|crypto/.*|syscall/js' <<<"$linked"; then
	echo "linked into engine.wasm, where each costs every page its weight (go list -deps -json tells through whom)" |
		tee -a "$failed"
fi

[ ! -s "$failed" ]
