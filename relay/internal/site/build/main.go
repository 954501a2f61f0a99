// Command build makes the site that is embedded into the relay: what lies in public/ becomes a published site in
// relay/internal/site/dist/. Run it in the repository's root, after the engine and the SDK's bundles are built into public/.
//
// What modules of the pages import goes into a few files (bundle.go), and the style sheets of each page into one (styles.go). From there
// every file goes the same way: it is minified (minify.go), a page is made to refer to the fingerprinted prefix and to announce its
// modules (page.go, modules.go), the service worker is told the prefix (worker.go), and what shrinks is encoded (encode.go), brotli from a
// cache.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"sortition/relay/internal/site/published"
)

const (
	from  = "public"
	to    = "relay/internal/site/dist"
	cache = ".ci/cache/encoded"
	// placeholder stays, so that the folder can be embedded in a clone where nothing was built.
	placeholder = ".gitkeep"
)

func main() {
	count, err := build(from, to, cache)
	if err != nil {
		fmt.Fprintln(os.Stderr, "build the site:", err)
		os.Exit(1)
	}
	fmt.Fprintf(os.Stdout, "%d files from %s to %s\n", count, from, to)
}

// files are a site's, by slash-separated path.
type files map[string][]byte

// build replaces what is in dist by the published form of what is in public, and returns how many files of public that is.
func build(public, dist, cache string) (count int, err error) {
	if _, err := os.Stat(filepath.Join(public, "sdk", "engine", "engine.wasm")); err != nil {
		return 0, errors.New("the engine is missing: run `make build`, which makes it first")
	}
	site, err := read(public)
	if err != nil {
		return 0, err
	}
	prefix, err := transform(site)
	if err != nil {
		return 0, err
	}
	if err := clear(dist); err != nil {
		return 0, err
	}
	if err := publish(site, dist, cache); err != nil {
		return 0, err
	}
	return len(site), write(dist, published.Fingerprint, []byte(prefix))
}

// read reads what is for visitors rather than for those who work on it.
func read(public string) (files, error) {
	site := files{}
	root := os.DirFS(public)
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !wanted(entry.Name()) {
			return err
		}
		site[name], err = fs.ReadFile(root, name)
		return err
	})
	return site, err
}

func wanted(name string) bool {
	return !strings.HasSuffix(name, ".test.js") && name != "jsconfig.json" && !strings.HasPrefix(name, ".")
}

// transform makes every file what visitors get and returns the prefix that the pages refer to.
func transform(site files) (prefix string, err error) {
	modules, err := readModules(site)
	if err != nil {
		return "", err
	}
	if err := bundlePages(site, modules); err != nil {
		return "", fmt.Errorf("bundle the pages' modules: %w", err)
	}
	if err := bundleStyles(site); err != nil {
		return "", fmt.Errorf("bundle the pages' style sheets: %w", err)
	}
	minify := newMinifier()
	for _, name := range site.names(published.IsAsset) {
		if site[name], err = minify(name, site[name]); err != nil {
			return "", err
		}
	}
	placeBundles(site)
	if modules, err = readModules(site); err != nil {
		return "", err
	}
	prefix = site.prefix()
	// The rest refers to the assets by their prefix.
	for _, name := range site.names(published.IsPage) {
		if site[name], err = publishPage(name, site, prefix, modules); err != nil {
			return "", err
		}
		if site[name], err = minify(name, site[name]); err != nil {
			return "", err
		}
	}
	if _, there := site[published.Worker]; !there {
		return prefix, nil
	}
	if site[published.Worker], err = publishWorker(site[published.Worker], prefix); err != nil {
		return "", err
	}
	site[published.Worker], err = minify(published.Worker, site[published.Worker])
	return prefix, err
}

// names are the names of those files that are wanted, in order.
func (site files) names(wanted func(name string) bool) []string {
	names := slices.DeleteFunc(slices.Collect(maps.Keys(site)), func(name string) bool { return !wanted(name) })
	slices.Sort(names)
	return names
}

// prefix is made of all assets' names and contents.
func (site files) prefix() string {
	digest := xxhash.New()
	for _, name := range site.names(published.IsAsset) {
		fmt.Fprintf(digest, "%s %d\n", name, len(site[name]))
		_, _ = digest.Write(site[name]) // a hash takes everything
	}
	return published.PrefixOf(fmt.Sprintf("%016x", digest.Sum64()))
}

// clear empties dist but for the placeholder.
func clear(dist string) error {
	entries, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() == placeholder {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dist, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// publish writes the encoded forms of every file that shrinks, and the others as they are.
func publish(site files, dist, cache string) error {
	encode := newEncoder(cache)
	for name, content := range site {
		forms, err := formsOf(encode, name, content)
		if err != nil {
			return err
		}
		for suffix, form := range forms {
			if err := write(dist, name+suffix, form); err != nil {
				return err
			}
		}
	}
	return encode.prune()
}

// formsOf returns what is published of a file, by the suffix of its name: its encoded forms that are shorter, and itself if it can't
// be unpacked from one of them.
func formsOf(encode *encoder, name string, content []byte) (files, error) {
	forms := files{"": content}
	if !published.Encodable(name) {
		return forms, nil
	}
	for _, coding := range published.Codings() {
		encoded, err := encode.encode(coding, content)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", name, err)
		}
		if len(encoded) < len(content) {
			forms[coding.Suffix] = encoded
		}
	}
	if forms[published.Packed] != nil {
		delete(forms, "")
	}
	return forms, nil
}

func write(dir, name string, content []byte) error {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}
