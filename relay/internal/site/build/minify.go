package main

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/html"
	"github.com/tdewolff/minify/v2/js"
	"github.com/tdewolff/minify/v2/json"
	"github.com/tdewolff/minify/v2/svg"

	"sortition/relay/internal/site/published"
)

// newMinifier returns a function that makes a file smaller by what its name says it is. What a selector of a style sheet or
// a script may ask for stays: tags that HTML lets one leave out, and attributes that say what is the default anyway.
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
		if name == published.DemoDatafile {
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

// zeroIndex is `0[0]`, but where it is the end of something longer.
var zeroIndex = regexp.MustCompile(`(^|[^\w$.)\]])0\[0\]`)

// minifyScript minifies a script, but writes `void 0` for undefined. The minifier writes `0[0]`, which a browser looks up as a
// property of a number each time it gets there: calls of the SDK took up to twice as long.
func minifyScript(m *minify.M, w io.Writer, r io.Reader, params map[string]string) error {
	script, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if zeroIndex.Match(script) {
		return errors.New("0[0] would be taken for undefined")
	}
	var smaller bytes.Buffer
	if err := js.Minify(m, &smaller, bytes.NewReader(script), params); err != nil {
		return err
	}
	_, err = w.Write(zeroIndex.ReplaceAll(smaller.Bytes(), []byte("${1}void 0")))
	return err
}
