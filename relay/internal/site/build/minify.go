package main

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/html"
	"github.com/tdewolff/minify/v2/json"
	"github.com/tdewolff/minify/v2/svg"

	"sortition/relay/internal/site/published"
	"sortition/relay/internal/site/script"
)

// newMinifier returns a function that makes a file smaller by what its name says it is. What a selector of a style sheet or
// a script may ask for stays: tags that HTML lets one leave out, and attributes that say what is the default anyway. What says that it is
// minified stays as it is.
func newMinifier() func(name string, content []byte) ([]byte, error) {
	m := minify.New()
	m.Add(".html", &html.Minifier{KeepDocumentTags: true, KeepEndTags: true, KeepDefaultAttrVals: true})
	m.AddFunc(".css", css.Minify)
	m.AddFunc(".js", minifyScript)
	m.AddFunc(".json", json.Minify)
	m.AddFunc(".svg", svg.Minify)
	m.AddFunc("image/svg+xml", svg.Minify) // inside a page

	return func(name string, content []byte) ([]byte, error) {
		if path.Ext(name) == ".json" && !stdjson.Valid(content) { // which the minifier would not tell
			return nil, fmt.Errorf("%s is not JSON", name)
		}
		if name == published.DemoDatafile || strings.HasSuffix(name, ".min.js") {
			return content, nil
		}
		smaller, err := m.Bytes(path.Ext(name), content)
		if errors.Is(err, minify.ErrNotExist) { // there is none for such a file
			return content, nil
		}
		if err != nil {
			return nil, fmt.Errorf("minify %s: %w", name, err)
		}
		return smaller, nil
	}
}

func minifyScript(_ *minify.M, w io.Writer, r io.Reader, _ map[string]string) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	smaller, err := script.Minify(content)
	if err != nil {
		return err
	}
	_, err = w.Write(smaller)
	return err
}
