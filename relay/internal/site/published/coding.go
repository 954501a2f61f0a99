package published

import (
	"bytes"
	"compress/gzip"
	"io"
	"path"

	"github.com/andybalholm/brotli"
)

// Coding is a content coding that files are published in.
type Coding struct {
	Name   string // as in Content-Encoding
	Suffix string // of the encoded file's name; web servers with a switch for encoded files look for these
	open   func(io.Writer) io.WriteCloser
}

// Codings are all of them, the one that makes files smallest first, each at its highest level.
func Codings() []Coding {
	return []Coding{
		{"br", ".br", func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, brotli.BestCompression) }},
		{"gzip", Packed, func(w io.Writer) io.WriteCloser {
			zip, err := gzip.NewWriterLevel(w, gzip.BestCompression)
			if err != nil {
				panic(err) // there is such a level
			}
			return zip
		}},
	}
}

// Encode returns the content in the coding. The same content gives the same bytes.
func (c Coding) Encode(content []byte) ([]byte, error) {
	var encoded bytes.Buffer
	w := c.open(&encoded)
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return encoded.Bytes(), nil
}

// Encodable tells whether a file of this name is worth encoding: text and WebAssembly are, pictures and fonts are already.
func Encodable(name string) bool {
	switch path.Ext(name) {
	case ".html", ".css", ".js", ".mjs", ".json", ".svg", ".wasm", ".ts", ".md", ".txt", ".map", ".xml":
		return name != Config
	}
	return false
}
