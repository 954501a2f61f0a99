# Sourced by the other scripts: finds the tools that are not Go's, or installs them through apt when it may.
# Everything that is fetched otherwise goes into .ci/cache.

cache=$PWD/.ci/cache

# install COMMAND PACKAGE...: installs the packages, or says which command is missing and what would bring it.
install() {
	local command=$1
	shift
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		echo "$command is missing. Install it (on Debian: sudo apt-get install $*) and try again." >&2
		exit 1
	fi
	echo "installing $*, for $command"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null </dev/null
}

# need_gcc: the race detector links C.
need_gcc() {
	command -v gcc >/dev/null || install gcc gcc libc6-dev
}

need_chromium() {
	command -v chromium >/dev/null || command -v google-chrome >/dev/null || install chromium chromium fonts-dejavu-core
}

node_is_recent() {
	command -v node >/dev/null && command -v npm >/dev/null &&
		node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 19) ? 0 : 1)'
}

# need_node: Node.js 20.19 or newer, which takes .js files with imports for modules, and npm. Debian 12 has 18, good
# enough to fetch a newer one from npm.
need_node() {
	PATH=$cache/node/node_modules/node/bin:$PATH
	node_is_recent && return
	command -v npm >/dev/null || install "Node.js" nodejs npm
	node_is_recent && return
	echo "Node.js $(node --version) is too old: fetching node@22 into .ci/cache"
	npm install --silent --no-save --prefix "$cache/node" node@22 </dev/null
	hash -r
}

# need_packages: the exact npm packages that relay/e2e/package-lock.json names (the official SDK, tsc).
need_packages() {
	need_node
	local modules=relay/e2e/node_modules
	if [ ! "$modules/.package-lock.json" -nt relay/e2e/package-lock.json ]; then
		npm ci --silent --no-audit --no-fund --prefix relay/e2e </dev/null
	fi
}

# need_golangci_lint: the pinned linter; built once (about 100 s on two cores), then kept.
golangci_lint_version=v2.15.0
need_golangci_lint() {
	golangci_lint=$cache/golangci-lint-$golangci_lint_version
	[ -x "$golangci_lint" ] && return
	echo "building golangci-lint $golangci_lint_version, once"
	GOBIN=$cache go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$golangci_lint_version"
	mv "$cache/golangci-lint" "$golangci_lint"
}
