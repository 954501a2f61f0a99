package published

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Packed is the suffix of the form that a file which shrinks is unpacked from. Its original is not in the folder: hardly a browser
// asks for it, and the engine's alone would be a tenth of the relay.
const Packed = ".gz"

// Unpack returns the original of a packed file.
func Unpack(file io.Reader) ([]byte, error) {
	content, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(content)
}

// Read reads a file of a site's folder, wherever it lies packed.
func Read(site fs.FS, name string) ([]byte, error) {
	content, err := fs.ReadFile(site, name)
	if !errors.Is(err, fs.ErrNotExist) {
		return content, err
	}
	file, openErr := site.Open(name + Packed)
	if openErr != nil {
		return nil, err
	}
	defer file.Close()
	if content, err = Unpack(file); err != nil {
		return nil, fmt.Errorf("unpack %s: %w", name, err)
	}
	return content, nil
}
