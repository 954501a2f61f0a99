# Everything one does with this repository, by name. What is longer than a few lines is a script in .ci.

ENGINE := public/sdk/engine/engine.wasm
BUNDLES := $(addprefix public/sdk/,global.min.js index.min.js optimizely/index.min.js relay/index.min.js)
SITE   := .ci/cache/site.stamp
RELAY  := relay/relay

ENGINE_SOURCES := wasm/default.pgo $(shell find wasm -name '*.go' ! -name '*_test.go' ! -path '*/enginetest/*')
RELAY_SOURCES  := $(shell find relay -name '*.go' ! -name '*_test.go' ! -path 'relay/e2e/*')
SITE_SOURCES   := $(shell find public -type f ! -name '*.test.js' ! -name engine.wasm ! -name '*.min.js')

# What fails in the midst of a file leaves no half of it, which would be newer than all it is made of. What is killed cannot see to that,
# so what takes longest is put in place once it is whole.
.DELETE_ON_ERROR:

.PHONY: help build run test browsers lint conformance bench size cluster screenshots fmt clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 13

build: $(RELAY) ## build the engine, the site and the relay that carries both: relay/relay

run: build ## build what is needed and run it; ARGS="--listen :9000" and the like reach the relay
	@$(RELAY) --data-dir relay/data $(ARGS)

test: build ## install what is missing, then every test: Go, JavaScript, and a real browser against the real relay
	.ci/test.sh

browsers: build ## install Firefox and WebKit where they are missing, and test the pages and the engine in them
	.ci/browsers.sh

lint: ## formatting, vet, linters, types, and the rules of who may import whom
	.ci/lint.sh

conformance: $(ENGINE) ## compare every answer with the official SDK's; SEEDS=1000 says how many projects to make up, SEED= which one
	.ci/conformance.sh $(if $(SEED),--seed $(SEED),$(if $(SEEDS),--seeds $(SEEDS)))

bench: build ## measure against the official SDK in one Chromium page, and the relay; prints the README's figures
	.ci/bench.sh

size: $(ENGINE) ## fail when engine.wasm outgrows an empty Go program by more than 1.12
	.ci/size.sh $(ENGINE)

cluster: build ## run two relays, three NATS servers and a load balancer, and print their addresses; ARGS= reach the relays
	@go -C relay/e2e run ./cluster $(ARGS)

screenshots: build ## take the README's pictures of the pages anew
	.ci/screenshots.sh

fmt: ## format the Go code
	gofmt -w wasm relay

clean: ## remove everything that was built or fetched, but not the relay's data
	rm -rf $(ENGINE) $(BUNDLES) $(RELAY) .ci/cache relay/internal/site/dist/* relay/internal/site/dist/.fingerprint relay/e2e/node_modules

$(ENGINE): $(ENGINE_SOURCES) .ci/engine.sh go.mod
	@mkdir -p .ci/cache
	.ci/engine.sh ./wasm .ci/cache/$(@F) && mv .ci/cache/$(@F) $@

$(BUNDLES) &: $(ENGINE) $(filter public/sdk/%.js public/sdk/package.json,$(SITE_SOURCES)) relay/internal/site/bundle/main.go $(wildcard relay/internal/site/script/*.go)
	go run ./relay/internal/site/bundle

$(SITE): $(ENGINE) $(BUNDLES) $(SITE_SOURCES) $(wildcard relay/internal/site/build/*.go relay/internal/site/published/*.go relay/internal/site/script/*.go)
	go run ./relay/internal/site/build
	@mkdir -p $(@D) && touch $@

# CGO_ENABLED=0: one static file that runs on any Linux. -buildvcs=false: a checkout without its .git builds too.
$(RELAY): $(SITE) $(RELAY_SOURCES) $(ENGINE_SOURCES) go.mod go.sum
	CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags="-s -w" -o $@ ./relay
