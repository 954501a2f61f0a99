package main

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"

	"sortition/relay/internal/site/published"
)

// pageStyle is how a page names a style sheet of its own, and what surrounds that on its line.
var pageStyle = regexp.MustCompile(`[ \t]*<link rel="stylesheet" href="([^"]+)">\n?`)

// bundleStyles makes one style sheet of those that a page names, in their order: a browser shows nothing before it has them all, and asks
// one host for few files at a time. Those that have become part of it are taken away.
func bundleStyles(site files) error {
	parts := map[string]bool{}
	for _, page := range site.names(published.IsPage) {
		var bundle bytes.Buffer
		for _, match := range pageStyle.FindAllSubmatch(site[page], -1) {
			name := path.Join(path.Dir(page), string(match[1]))
			style, there := site[name]
			if !there {
				return fmt.Errorf("%s refers to %s, which is not there", page, match[1])
			}
			if bytes.Contains(style, []byte("url(")) || bytes.Contains(style, []byte("@import")) {
				return fmt.Errorf("%s refers to another file, which is elsewhere seen from the one style sheet of %s", name, page)
			}
			bundle.Write(style)
			bundle.WriteByte('\n')
			parts[name] = true
		}
		if bundle.Len() > 0 {
			name := strings.TrimSuffix(page, path.Ext(page)) + ".css"
			site["pages/"+name] = bundle.Bytes()
			site[page] = nameOneStyle(site[page], strings.Repeat("../", strings.Count(page, "/"))+"pages/"+name)
		}
	}
	for name := range parts {
		delete(site, name)
	}
	return nil
}

// nameOneStyle returns a page with one style sheet in the place of the first of those it names.
func nameOneStyle(page []byte, href string) []byte {
	isFirst := true
	return pageStyle.ReplaceAllFunc(page, func([]byte) []byte {
		if !isFirst {
			return nil
		}
		isFirst = false
		return fmt.Appendf(nil, "  <link rel=\"stylesheet\" href=\"%s\">\n", href)
	})
}
