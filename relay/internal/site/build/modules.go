package main

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/js"

	"sortition/relay/internal/site/published"
)

// module is what one JavaScript file makes the browser fetch, by path in the site and in the order of the text.
type module struct {
	imports []string // static, re-exported and dynamic alike, where the specifier is written out
	wasm    []string // new URL('./x.wasm', import.meta.url)
}

// readModules reads every module of the site; a relative import of what is not there is an error.
func readModules(site files) (map[string]module, error) {
	modules := map[string]module{}
	for _, name := range site.names(func(name string) bool { return path.Ext(name) == ".js" }) {
		m, err := readModule(name, site[name])
		if err != nil {
			return nil, err
		}
		for _, target := range append(m.imports, m.wasm...) {
			if _, ok := site[target]; !ok || !published.IsAsset(target) {
				return nil, fmt.Errorf("%s imports %s, which is not there", name, target)
			}
		}
		modules[name] = m
	}
	return modules, nil
}

func readModule(name string, text []byte) (module, error) {
	// The parser writes into what it reads.
	ast, err := js.Parse(parse.NewInputBytes(bytes.Clone(text)), js.Options{})
	if err != nil {
		return module{}, fmt.Errorf("read %s: %w", name, err)
	}
	reader := &moduleReader{dir: path.Dir(name)}
	js.Walk(reader, ast)
	return reader.module, nil
}

// moduleReader collects a module's references on a walk through its syntax tree.
type moduleReader struct {
	dir    string
	module module
}

// Enter implements js.IVisitor.
func (r *moduleReader) Enter(n js.INode) js.IVisitor {
	switch n := n.(type) {
	case *js.ImportStmt:
		r.addImport(n.Module)
	case *js.ExportStmt:
		r.addImport(n.Module)
	case *js.CallExpr:
		if callee, ok := n.X.(*js.LiteralExpr); ok && callee.TokenType == js.ImportToken {
			r.addImport(literal(n.Args.List, 0))
		}
	case *js.NewExpr:
		if n.Args != nil && len(n.Args.List) == 2 && isImportMetaURL(n.Args.List[1].Value) {
			r.addWasm(literal(n.Args.List, 0))
		}
	}
	return r
}

// Exit implements js.IVisitor.
func (r *moduleReader) Exit(js.INode) {}

// literal returns the quoted text of an argument, or nothing.
func literal(arguments []js.Arg, i int) []byte {
	if i < len(arguments) {
		if value, ok := arguments[i].Value.(*js.LiteralExpr); ok && value.TokenType == js.StringToken {
			return value.Data
		}
	}
	return nil
}

func isImportMetaURL(expression js.IExpr) bool {
	dot, ok := expression.(*js.DotExpr)
	if !ok {
		return false
	}
	_, ok = dot.X.(*js.ImportMetaExpr)
	return ok
}

// addImport takes a specifier in its quotes; one that is no relative path is somebody else's.
func (r *moduleReader) addImport(quoted []byte) {
	if target, ok := r.resolve(quoted); ok {
		r.module.imports = append(r.module.imports, target)
	}
}

func (r *moduleReader) addWasm(quoted []byte) {
	if target, ok := r.resolve(quoted); ok && path.Ext(target) == ".wasm" {
		r.module.wasm = append(r.module.wasm, target)
	}
}

func (r *moduleReader) resolve(quoted []byte) (string, bool) {
	specifier := strings.Trim(string(quoted), `'"`)
	if !strings.HasPrefix(specifier, "./") && !strings.HasPrefix(specifier, "../") {
		return "", false
	}
	return path.Join(r.dir, specifier), true
}

// reach returns what a module makes the browser fetch, nearest first, itself left out: other modules and WebAssembly.
func reach(modules map[string]module, entry string) (imported, wasm []string) {
	seen := map[string]bool{entry: true}
	for queue := []string{entry}; len(queue) > 0; queue = queue[1:] {
		wasm = append(wasm, modules[queue[0]].wasm...)
		for _, target := range modules[queue[0]].imports {
			if !seen[target] {
				seen[target] = true
				imported = append(imported, target)
				queue = append(queue, target)
			}
		}
	}
	return imported, wasm
}
