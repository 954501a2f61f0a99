package datasource

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// WriteFile replaces a file so that a crash at any moment leaves the old one or the new one, whole: a temporary file beside
// it is written, synced and renamed over it, and the folder synced. The folder is made if it is missing. Both are for the relay's user
// alone: a datafile may be private.
func WriteFile(path string, data []byte, modified time.Time) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, unfinished(path)+"*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // fails once it is renamed
	if err := fill(temp, data); err != nil {
		return err
	}
	if err := os.Chtimes(temp.Name(), modified, modified); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	return syncFolder(dir)
}

// unfinished is how the names of files begin that WriteFile has not put in place of one yet; digits follow.
func unfinished(path string) string { return "." + filepath.Base(path) + "." }

// leftovers are the names of what crashes left of a WriteFile, by folder. Each folder is read once: a thousand projects share one.
type leftovers map[string][]string

// sweep removes from a folder those whose names begin so: as large as a datafile, and never looked at again.
func (l leftovers) sweep(dir, begin string) error {
	names, err := l.of(dir)
	errs := []error{err}
	for _, name := range names {
		if strings.HasPrefix(name, begin) {
			errs = append(errs, os.Remove(filepath.Join(dir, name)))
		}
	}
	return errors.Join(errs...)
}

func (l leftovers) of(dir string) ([]string, error) {
	if names, read := l[dir]; read {
		return names, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	l[dir] = nil
	for _, entry := range entries {
		name := entry.Name()
		_, err := strconv.ParseUint(name[strings.LastIndexByte(name, '.')+1:], 10, 64)
		if strings.HasPrefix(name, ".") && err == nil {
			l[dir] = append(l[dir], name)
		}
	}
	return l[dir], nil
}

func fill(file *os.File, data []byte) error {
	_, err := file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// removeFile removes a file, if it is there, so that it does not come back after a power cut.
func removeFile(path string) error {
	err := os.Remove(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// keptPath is where the last known good datafile of a project lies.
func keptPath(dir, sdkKey string) string {
	return filepath.Join(dir, "datafiles", sdkKey+".json")
}

// readKept returns the last known good datafile, or nil when there is none.
func readKept(dir, sdkKey string) (*Datafile, error) {
	path := keptPath(dir, sdkKey)
	got, err := readFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	kept, err := parse(sdkKey, got.body, got.modified)
	if err != nil {
		return nil, fmt.Errorf("last known good %s: %w", path, err)
	}
	return kept, nil
}
