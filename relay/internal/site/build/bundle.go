package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"sortition/relay/internal/site/published"
	"sortition/relay/internal/site/script"
)

// pageModule is how a page names a module of its own.
var pageModule = regexp.MustCompile(`<script type="module" src="([^"]+)"`)

// bundlePages puts what a page's modules import into the few files that they are made of: one for each module that a page names, and
// some that they share. Asking for a hundred small modules takes a browser longer than all they do. Modules that are of no more use
// are taken away; those of the SDK stay for other sites.
func bundlePages(site files, modules map[string]module) error {
	entries := entryModules(site)
	result, err := buildPages(site, modules, entries, nil)
	if err != nil {
		return err
	}
	// What the SDK would import later is a file, and what both have in common another, even when no page ever asks for it.
	if unused, err := unusedImports(result.Metafile, entries); err != nil {
		return err
	} else if len(unused) > 0 {
		if result, err = buildPages(site, modules, entries, unused); err != nil {
			return err
		}
	}
	for _, entry := range entries {
		imported, _ := reach(modules, entry)
		for _, name := range imported {
			if !published.IsShared(name) {
				delete(site, name)
			}
		}
	}
	for _, file := range result.OutputFiles {
		site[strings.TrimPrefix(filepath.ToSlash(file.Path), "/")] = file.Contents
	}
	return nil
}

// buildPages makes the files of modules that pages name. The unused are modules that nobody imports later although it says so somewhere.
func buildPages(site files, modules map[string]module, entries, unused []string) (api.BuildResult, error) {
	var points []api.EntryPoint
	for _, entry := range entries {
		points = append(points, api.EntryPoint{InputPath: entry, OutputPath: strings.TrimSuffix(entry, ".js")})
	}
	result := api.Build(api.BuildOptions{
		EntryPointsAdvanced: points,
		Bundle:              true,
		Splitting:           true,
		Format:              api.FormatESModule,
		Target:              api.ES2022,
		Outdir:              "/",
		ChunkNames:          "pages/shared-[hash]", // in the folder of the entries, so that an address relative to a module is right in both
		Metafile:            true,
		Plugins:             []api.Plugin{siteModules(site, modules, unused)},
		// The shortest names depend on everything that is in a file, so this cannot be left to the minifier.
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		MangleProps:       script.OwnMembers(),
	})
	if problems := slices.Concat(result.Errors, result.Warnings); len(problems) > 0 {
		return result, errors.New(api.FormatMessages(problems, api.FormatMessagesOptions{})[0])
	}
	return result, nil
}

// unusedImports returns the modules that became files of their own and that none of the files imports.
func unusedImports(metafile string, entries []string) (unused []string, err error) {
	var meta struct {
		Outputs map[string]struct {
			EntryPoint string
			Imports    []struct{ Path string }
		}
	}
	if err := json.Unmarshal([]byte(metafile), &meta); err != nil {
		return nil, fmt.Errorf("read what was made: %w", err)
	}
	imported := map[string]bool{}
	for _, output := range meta.Outputs {
		for _, target := range output.Imports {
			imported[target.Path] = true
		}
	}
	for file, output := range meta.Outputs {
		name := strings.TrimPrefix(output.EntryPoint, siteNamespace+":")
		if name != "" && !imported[file] && !slices.Contains(entries, name) {
			unused = append(unused, name)
		}
	}
	return unused, nil
}

// placeBundles puts the SDK's modules that are made one file each (site/bundle) in the place of what they were made of, and as they
// are: pages of this site, other sites and the package's users run the same bytes.
func placeBundles(site files) {
	for _, name := range site.names(published.IsShared) {
		if module, ok := strings.CutSuffix(name, ".min.js"); ok {
			site[module+".js"] = site[name]
		}
	}
}

// entryModules returns the modules that the site's pages name.
func entryModules(site files) []string {
	named := map[string]bool{}
	for _, page := range site.names(published.IsPage) {
		for _, name := range pageModules(page, site) {
			named[name] = true
		}
	}
	return slices.Sorted(maps.Keys(named))
}

// pageModules returns the modules that a page names.
func pageModules(page string, site files) (names []string) {
	for _, match := range pageModule.FindAllSubmatch(site[page], -1) {
		name := path.Join(path.Dir(page), string(match[1]))
		if _, there := site[name]; there { // who writes the page complains of what is not
			names = append(names, name)
		}
	}
	return names
}

// siteNamespace is where esbuild finds modules of the site.
const siteNamespace = "site"

// siteModules has esbuild read modules of the site rather than of the disk, but for the unused.
func siteModules(site files, modules map[string]module, unused []string) api.Plugin {
	resolve := func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		name := path.Join(path.Dir(args.Importer), args.Path)
		if _, there := site[name]; !there {
			return api.OnResolveResult{}, fmt.Errorf("%s imports %s, which is no module of the site", args.Importer, args.Path)
		}
		if args.Kind == api.ResolveJSDynamicImport && slices.Contains(unused, name) {
			return api.OnResolveResult{Path: args.Path, External: true}, nil
		}
		return api.OnResolveResult{Path: name, Namespace: siteNamespace}, nil
	}
	load := func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		text, err := rebase(args.Path, string(site[args.Path]), modules[args.Path])
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, err
	}
	return api.Plugin{Name: siteNamespace, Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: ".*"}, resolve)
		build.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: siteNamespace}, load)
	}}
}

// rebase has a module name WebAssembly as it is to be found from the folder of the bundles.
func rebase(name, text string, m module) (string, error) {
	for _, wasm := range m.wasm {
		written := "'./" + strings.TrimPrefix(wasm, path.Dir(name)+"/") + "'"
		if !strings.Contains(text, written) {
			return "", fmt.Errorf("%s names %s in another way than %s", name, wasm, written)
		}
		text = strings.ReplaceAll(text, written, "'../"+wasm+"'")
	}
	return text, nil
}
