// Command bundle makes the SDK's scripts of one file each, in public/sdk. Run it in the repository's root, after the engine is built
// into public/.
//
//   - global.min.js, of global.js: the classic script for pages without modules. Everything is in it, and it carries the engine's
//     integrity, so that it runs no other engine than the one it was made with.
//   - index.min.js, of index.js: the module for pages that import the SDK by its address. A browser asks for sixty small modules one
//     import after the other, which takes longer than all else on the way to the first decision. Its functions are compiled as it arrives.
//   - relay/index.min.js, of relay/index.js: what the former imports when the first client with a relay starts.
//   - optimizely/index.min.js, of optimizely/index.js: the same for the first client that polls, or sends events in batches.
package main

import (
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"sortition/relay/internal/site/script"
)

const (
	sdk = "public/sdk"
	// global is where pages find the classic script's exports.
	global = "sortition"
)

// index is the module that a page needs for its first decision.
const index = "index.js"

// modules are those that become one file; what they import later, and that is among them, stays a file of its own.
var modules = []string{index, "optimizely/index.js", "relay/index.js"}

func main() {
	if err := bundle(sdk); err != nil {
		fmt.Fprintln(os.Stderr, "bundle the SDK:", err)
		os.Exit(1)
	}
}

// bundle writes the scripts of the SDK in a folder into it.
func bundle(sdk string) error {
	script, err := bundleScript(sdk)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(sdk, minified("global.js")), script, 0o644); err != nil {
		return err
	}
	for _, name := range modules {
		module, err := bundleModule(sdk, name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(sdk, minified(name)), module, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// minified is the name of the one file that is made of a module.
func minified(name string) string { return strings.TrimSuffix(name, ".js") + ".min.js" }

// bundleScript returns the classic script of the SDK in a folder.
func bundleScript(sdk string) ([]byte, error) {
	engine, err := os.ReadFile(filepath.Join(sdk, "engine", "engine.wasm"))
	if err != nil {
		return nil, fmt.Errorf("the engine is missing, run `make build`, which makes it first: %w", err)
	}
	return build(sdk, "global.js", api.BuildOptions{
		Format:     api.FormatIIFE,
		GlobalName: global,
		Define:     map[string]string{"globalThis.SORTITION_ENGINE_INTEGRITY": `"` + integrity(engine) + `"`},
	})
}

// bundleModule returns a module of the SDK in a folder with all that it imports at once.
func bundleModule(sdk, name string) ([]byte, error) {
	module, err := build(sdk, name, api.BuildOptions{
		Format:  api.FormatESModule,
		Plugins: []api.Plugin{importsLater(sdk, name)},
	})
	if err != nil || name != index {
		return module, err
	}
	return append([]byte(script.CompileAtOnce), module...), nil
}

// importsLater leaves import() of one of the modules to the browser, which gets its one file.
func importsLater(sdk, from string) api.Plugin {
	resolve := func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		if args.Kind != api.ResolveJSDynamicImport {
			return api.OnResolveResult{}, nil
		}
		root, err := filepath.Abs(sdk)
		if err != nil {
			return api.OnResolveResult{}, err
		}
		target, err := filepath.Rel(filepath.Join(root, filepath.Dir(from)), filepath.Join(args.ResolveDir, args.Path))
		if err != nil || !slices.Contains(modules, filepath.ToSlash(target)) {
			return api.OnResolveResult{}, err
		}
		return api.OnResolveResult{Path: "./" + minified(filepath.ToSlash(target)), External: true}, nil
	}
	return api.Plugin{Name: "imports later", Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: `^\.`}, resolve)
	}}
}

// build makes one minified file of a module in a folder.
func build(sdk, name string, options api.BuildOptions) ([]byte, error) {
	entry, err := filepath.Abs(filepath.Join(sdk, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	options.EntryPoints = []string{entry}
	options.Bundle = true
	options.Target = api.ES2022
	options.MangleProps = script.OwnMembers()
	options.MinifyWhitespace, options.MinifyIdentifiers, options.MinifySyntax = true, true, true
	result := api.Build(options)
	if problems := slices.Concat(result.Errors, result.Warnings); len(problems) > 0 {
		formatted := api.FormatMessages(problems, api.FormatMessagesOptions{})
		return nil, errors.New(formatted[0])
	}
	smaller, err := script.Minify(result.OutputFiles[0].Contents)
	if err != nil {
		return nil, fmt.Errorf("minify what %s became: %w", name, err)
	}
	return smaller, nil
}

// integrity is what a page checks content by, in the form of an element's attribute.
func integrity(content []byte) string {
	sum := sha512.Sum384(content)
	return "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
}
