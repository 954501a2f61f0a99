// Command bundle makes the SDK's classic script, for pages without modules: global.min.js in public/sdk of global.js and all that
// it imports. Run it in the repository's root, after the engine is built into public/.
//
// The script carries the engine's integrity, so that it runs no other engine than the one it was made with.
package main

import (
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/evanw/esbuild/pkg/api"
)

const (
	sdk = "public/sdk"
	// global is where pages find the SDK's exports.
	global = "sortition"
)

func main() {
	script, err := bundle(sdk)
	if err == nil {
		err = os.WriteFile(filepath.Join(sdk, "global.min.js"), script, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bundle the SDK:", err)
		os.Exit(1)
	}
}

// bundle returns the classic script of the SDK in a folder.
func bundle(sdk string) ([]byte, error) {
	engine, err := os.ReadFile(filepath.Join(sdk, "engine", "engine.wasm"))
	if err != nil {
		return nil, fmt.Errorf("the engine is missing, run `make build`, which makes it first: %w", err)
	}
	entry, err := filepath.Abs(filepath.Join(sdk, "global.js"))
	if err != nil {
		return nil, err
	}
	result := api.Build(api.BuildOptions{
		EntryPoints:       []string{entry},
		Bundle:            true,
		Format:            api.FormatIIFE,
		GlobalName:        global,
		Target:            api.ES2022,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Define:            map[string]string{"globalThis.SORTITION_ENGINE_INTEGRITY": `"` + integrity(engine) + `"`},
	})
	if problems := slices.Concat(result.Errors, result.Warnings); len(problems) > 0 {
		formatted := api.FormatMessages(problems, api.FormatMessagesOptions{})
		return nil, errors.New(formatted[0])
	}
	return result.OutputFiles[0].Contents, nil
}

// integrity is what a page checks content by, in the form of an element's attribute.
func integrity(content []byte) string {
	sum := sha512.Sum384(content)
	return "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
}
