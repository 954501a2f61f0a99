package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sortition/relay/internal/site/published"
)

// encoder keeps what it encoded in a folder, by the content's hash: brotli at its highest level takes seconds for the
// engine, which seldom changes.
type encoder struct {
	dir  string
	used map[string]bool
}

func newEncoder(dir string) *encoder { return &encoder{dir: dir, used: map[string]bool{}} }

// encode returns the content in the coding, from the cache if it is there.
func (e *encoder) encode(coding published.Coding, content []byte) ([]byte, error) {
	sum := sha256.Sum256(content)
	name := hex.EncodeToString(sum[:]) + coding.Suffix
	e.used[name] = true
	if encoded, err := os.ReadFile(filepath.Join(e.dir, name)); err == nil {
		return encoded, nil
	}
	encoded, err := coding.Encode(content)
	if err != nil {
		return nil, err
	}
	return encoded, e.keep(name, encoded)
}

// keep writes under another name first, so that a build that is interrupted leaves no half file to be believed.
func (e *encoder) keep(name string, encoded []byte) error {
	if err := write(e.dir, name+".new", encoded); err != nil {
		return fmt.Errorf("keep it: %w", err)
	}
	return os.Rename(filepath.Join(e.dir, name+".new"), filepath.Join(e.dir, name))
}

// prune removes what this build had no use for.
func (e *encoder) prune() error {
	entries, err := os.ReadDir(e.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !e.used[entry.Name()] {
			if err := os.RemoveAll(filepath.Join(e.dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
