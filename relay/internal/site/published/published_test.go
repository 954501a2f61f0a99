package published_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"sortition/relay/internal/site/published"
)

func TestEveryCodingDecodesToWhatWasEncoded(t *testing.T) {
	content := []byte(strings.Repeat("the attic and the button; ", 500))
	decoders := map[string]func(io.Reader) (io.Reader, error){
		"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	}
	for _, coding := range published.Codings() {
		t.Run(coding.Name, func(t *testing.T) {
			encoded, err := coding.Encode(content)
			if err != nil {
				t.Fatal(err)
			}
			again, err := coding.Encode(content)
			if err != nil || !bytes.Equal(again, encoded) {
				t.Errorf("the same content gave other bytes, %v", err)
			}
			reader, err := decoders[coding.Name](bytes.NewReader(encoded))
			if err != nil {
				t.Fatal(err)
			}
			decoded, err := io.ReadAll(reader)
			if err != nil || !bytes.Equal(decoded, content) || len(encoded) > len(content)/10 {
				t.Errorf("%d bytes in, %d encoded, %d out, %v", len(content), len(encoded), len(decoded), err)
			}
		})
	}
}

func TestWhatLiesWhere(t *testing.T) {
	tests := map[string]struct{ asset, page, shared, encodable bool }{
		"index.html":             {page: true, encodable: true},
		"config.json":            {},
		"pages/store.js":         {asset: true, encodable: true},
		"sdk/engine/engine.wasm": {asset: true, shared: true, encodable: true},
		"demo/datafile.json":     {asset: true, encodable: true},
		"demo/images/photo.webp": {asset: true},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			got := struct{ asset, page, shared, encodable bool }{published.IsAsset(name), published.IsPage(name),
				published.IsShared(name), published.Encodable(name)}
			if got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}
