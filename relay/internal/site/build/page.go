package main

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/tdewolff/parse/v2"
	parsehtml "github.com/tdewolff/parse/v2/html"

	"sortition/relay/internal/site/published"
)

// publishPage returns a page that refers to the site's assets under the prefix, and that tells the browser, before it may have to wait for
// a script, of every module and of the engine, which it would otherwise learn of one import after the other.
func publishPage(name string, site files, prefix string, modules map[string]module) ([]byte, error) {
	p := &page{name: name, site: site, prefix: prefix}
	entries := pageModules(name, site)
	lexer := parsehtml.NewLexer(parse.NewInputBytes(bytes.Clone(site[name])))
	for {
		kind, text := lexer.Next()
		switch kind {
		case parsehtml.ErrorToken:
			if err := lexer.Err(); !errors.Is(err, io.EOF) {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
			return p.out.Bytes(), p.err
		case parsehtml.AttributeToken:
			p.attribute(string(lexer.AttrKey()), string(lexer.AttrVal()), text)
			continue
		case parsehtml.StartTagToken:
			if string(lexer.Text()) == "script" {
				p.announce(entries, modules)
				entries = nil
			}
		}
		p.out.Write(text)
	}
}

// page is being published.
type page struct {
	name, prefix string
	site         files
	out          bytes.Buffer
	err          error
}

// attribute writes an attribute, with the prefix before a value that is the path of an asset.
func (p *page) attribute(key, quoted string, text []byte) {
	value := html.UnescapeString(strings.Trim(quoted, `'"`))
	target := path.Join(path.Dir(p.name), value)
	_, there := p.site[target]
	switch {
	case value == "" || !there:
		if isLocal(key, value) && p.err == nil {
			p.err = fmt.Errorf("%s refers to %s, which is not there", p.name, value)
		}
		p.out.Write(text)
	case published.IsAsset(target):
		fmt.Fprintf(&p.out, ` %s="%s"`, key, p.address(target))
	default:
		p.out.Write(text)
	}
}

// isLocal tells whether an attribute must be the path of a file of the site.
func isLocal(key, value string) bool {
	if key != "src" && key != "href" || value == "" || strings.HasSuffix(value, "/") {
		return false
	}
	return !strings.ContainsAny(value, ":?#") && !strings.HasPrefix(value, "/")
}

// address is where the page finds an asset, ready to stand in quotes.
func (p *page) address(asset string) string {
	up := strings.Repeat("../", strings.Count(p.name, "/"))
	return html.EscapeString(up + p.prefix + "/" + asset)
}

// announce writes links for the page's modules and what they will ask for. WebAssembly, which takes longest, comes first.
func (p *page) announce(entries []string, modules map[string]module) {
	needed := slices.Clone(entries)
	var wasm []string
	for _, entry := range entries {
		imported, more := reach(modules, entry)
		needed, wasm = append(needed, imported...), append(wasm, more...)
	}
	announced := map[string]bool{}
	once := func(names []string, link string) {
		for _, name := range names {
			if !announced[name] {
				fmt.Fprintf(&p.out, link, p.address(name))
			}
			announced[name] = true
		}
	}
	once(wasm, "<link rel=\"preload\" as=\"fetch\" crossorigin href=\"%s\">\n") // crossorigin, because that is how fetch asks
	once(needed, "<link rel=\"modulepreload\" href=\"%s\">\n")
}
