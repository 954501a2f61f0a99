package datasource

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long a file gets to be written completely after the first sign of a change.
const settle = 20 * time.Millisecond

// fileSource is a file. Its folder is watched: editors and careful writers replace a file by renaming another over it, which would
// leave a watch on the one that is gone. So is the file: of one that a link leads to, or that is mounted, the folder does not hear.
type fileSource struct{ path string }

func newFileSource(path string) *fileSource { return &fileSource{filepath.Clean(path)} }

func (s *fileSource) String() string { return s.path }

func (s *fileSource) fetch(context.Context, validators, bool) (content, error) {
	return readFile(s.path)
}

func readFile(path string) (content, error) {
	file, err := os.Open(path)
	if err != nil {
		return content{}, err // names the path
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return content{}, err
	}
	body, err := readBounded(file)
	var named *os.PathError
	switch {
	case errors.As(err, &named):
		return content{}, err
	case err != nil:
		return content{}, fmt.Errorf("read %s: %w", path, err)
	}
	return content{body: body, modified: info.ModTime()}, nil
}

// watch calls changed after each change until ctx ends.
func (s *fileSource) watch(ctx context.Context, changed func()) error {
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch %s: %w", s.path, err)
	}
	defer events.Close()
	folder := filepath.Dir(s.path)
	if err := events.Add(folder); err != nil {
		return fmt.Errorf("watch %s: %w", s.path, err)
	}
	_ = events.Add(s.path) // if it is there
	changed()              // what happened before the watch began
	var settled <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case event := <-events.Events:
			switch {
			case event.Name == folder && event.Op&(fsnotify.Remove|fsnotify.Rename) != 0:
				return fmt.Errorf("watch %s: its folder was removed or renamed", s.path)
			case s.concerns(event) && settled == nil:
				settled = time.After(settle)
			}
		case <-settled:
			settled = nil
			_ = events.Add(s.path) // which may be another file now
			changed()
		case err := <-events.Errors:
			return fmt.Errorf("watch %s: %w", s.path, err)
		}
	}
}

// concerns tells whether an event may be about the file. Kubernetes replaces a whole folder of files by swapping the link ..data.
// Chmod counts too: of what a link leads to it is all that is told when another file is renamed over it.
func (s *fileSource) concerns(event fsnotify.Event) bool {
	name := filepath.Base(event.Name)
	return name == filepath.Base(s.path) || name == "..data"
}
