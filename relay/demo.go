package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/demo"
	"sortition/relay/internal/server"
	"sortition/relay/internal/site/published"
)

// The projects that exist without any setting. Both begin with the demo's datafile, each with a file of its own, so that
// nobody who edits the demo spoils a simulation; events of the sandbox, which is for simulations, are never forwarded. The
// results of both are everyone's.
const (
	demoKey    = "demo"
	sandboxKey = "sandbox"
)

// builtinFile is where the datafile of a project without a source of its own lies, to be watched and edited.
func (s *settings) builtinFile(sdkKey string) string { return filepath.Join(s.DataDir, sdkKey+".json") }

// seedDemo copies the site's demo datafile to each place where it is watched, unless one is there.
func seedDemo(s *settings, files fs.FS, log *slog.Logger) error {
	for _, p := range s.Project {
		path := s.builtinFile(p.sdkKey)
		if _, err := os.Stat(path); err == nil || p.source != "" {
			continue
		}
		datafile, err := published.Read(files, published.DemoDatafile)
		if errors.Is(err, fs.ErrNotExist) {
			log.Warn("there is no demo datafile: the site is not built into this relay (make build)")
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the demo datafile: %w", err)
		}
		if err := datasource.WriteFile(path, datafile, time.Now()); err != nil {
			return &settingError{setting: "data-dir", err: err}
		}
	}
	return nil
}

// demo is the demo's datafile to be edited, or nil where another source has taken its place.
func (s *settings) demo() server.Demo {
	if p, ok := s.project(demoKey); !ok || p.source != "" {
		return nil
	}
	return demo.NewFile(s.builtinFile(demoKey))
}
