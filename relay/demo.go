package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/site"
)

// The projects that exist without any setting. Both have the demo's datafile; events of the sandbox, which is for
// simulations, are never forwarded. The results of both are everyone's.
const (
	demoKey    = "demo"
	sandboxKey = "sandbox"
)

// openSite returns the site's files and whether they stay as they are.
func openSite(dir string) (files fs.FS, frozen bool, err error) {
	if dir == "" {
		return site.Embedded(), true, nil
	}
	if files, err = site.Folder(dir); err != nil {
		return nil, false, fmt.Errorf("--site: %w", err)
	}
	return files, false, nil
}

// demoFile is where the demo's datafile lies, to be watched and edited.
func (s *settings) demoFile() string { return filepath.Join(s.DataDir, "demo.json") }

// seedDemo copies the site's demo datafile to where it is watched, unless it is there or no project wants it.
func seedDemo(s *settings, files fs.FS, log *slog.Logger) error {
	wanted := false
	for _, p := range s.Project {
		wanted = wanted || p.source == ""
	}
	if _, err := os.Stat(s.demoFile()); err == nil || !wanted {
		return nil
	}
	datafile, err := fs.ReadFile(files, "demo/datafile.json")
	if errors.Is(err, fs.ErrNotExist) {
		log.Warn("there is no demo datafile: the site is not built into this relay (make build)")
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the demo datafile: %w", err)
	}
	return datasource.WriteFile(s.demoFile(), datafile, time.Now())
}

// pageConfig is the site's config.json with this relay and its first project in it.
func (s *settings) pageConfig(files fs.FS) json.RawMessage {
	config := map[string]any{
		"experimentKey": "item-sort",
		"eventKey":      "item_purchase",
		"sort":          map[string]string{"price": "price", "category": "category"},
	}
	if text, err := fs.ReadFile(files, "config.json"); err == nil {
		_ = json.Unmarshal(text, &config) // what is no JSON leaves the demo's settings
	}
	config["relayUrl"] = ""
	config["sdkKey"] = s.Project[0].sdkKey
	text, err := json.Marshal(config)
	if err != nil {
		panic(err) // it was JSON
	}
	return text
}
