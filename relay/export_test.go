package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sortition/relay/internal/relaytest"
	"sortition/relay/internal/site"
)

func mustHaveASite(t *testing.T) {
	t.Helper()
	if !site.New(site.Embedded(), true).Built() {
		t.Skip("the site is not built: make build")
	}
}

func TestExportWritesTheSettingsThatThePageNeeds(t *testing.T) {
	mustHaveASite(t)
	tests := []struct {
		name string
		args []string
		want map[string]any
	}{
		{"the demo", nil, map[string]any{"sdkKey": "demo", "experimentKey": "item-sort", "eventKey": "item_purchase",
			"sort": map[string]any{"price": "price", "category": "category"}}},
		{"a project of one's own", []string{"--project", "shop=cdn", "--page-experiment", "shelf", "--page-event", "bought", "--page-sort", "cheap=price"},
			map[string]any{"sdkKey": "shop", "experimentKey": "shelf", "eventKey": "bought", "sort": map[string]any{"cheap": "price"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "site")
			var said strings.Builder
			args := append([]string{"export", dir, "--relay-url", "https://relay.example/path/"}, test.args...)
			if err := run(t.Context(), args, &said, io.Discard); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(said.String(), dir) || !strings.Contains(said.String(), "--allow-origin") {
				t.Errorf("it said %q", &said)
			}
			var config map[string]any
			if err := json.Unmarshal([]byte(relaytest.MustRead(t, filepath.Join(dir, "config.json"))), &config); err != nil {
				t.Fatal(err)
			}
			test.want["relayUrl"] = "https://relay.example/path"
			if diff := cmp.Diff(test.want, config); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestExportSaysWhatIsWrong(t *testing.T) {
	mustHaveASite(t)
	foreign, file := t.TempDir(), filepath.Join(t.TempDir(), "file")
	relaytest.MustWrite(t, filepath.Join(foreign, "thesis.txt"), "years of work")
	relaytest.MustWrite(t, file, "")
	tests := []struct {
		name, dir, url, complaint string
		args                      []string
	}{
		{"no folder", "", "https://relay.example", "export DIR: it is empty", nil},
		{"no relay URL", t.TempDir(), "", "--relay-url", nil},
		{"a websocket's URL", t.TempDir(), "wss://relay.example", "--relay-url: it is not an http:// or https:// URL", nil},
		{"no URL", t.TempDir(), "relay.example", "--relay-url: it is not", nil},
		{"a host that would get out of the policy", t.TempDir(), `http://a;script-src`, "--relay-url: it is not", nil},
		{"credentials", t.TempDir(), "https://me:secret@relay.example", "every visitor could read", nil},
		{"a query", t.TempDir(), "https://relay.example/?a=b", "behind the path", nil},
		{"a folder of somebody else", foreign, "https://relay.example", foreign + ": there are files in it", nil},
		{"a folder that cannot be made", filepath.Join(file, "site"), "https://relay.example", file, nil},
		{"a page of a project there is not", t.TempDir(), "https://relay.example", `--page-project: "shop" is no --project; those are [demo sandbox]`,
			[]string{"--page-project", "shop"}},
		{"a project twice", t.TempDir(), "https://relay.example", "--project: it names shop twice", []string{"--project", "shop=cdn", "--project", "shop=cdn"}},
		{"a variation sorted twice", t.TempDir(), "https://relay.example", `--page-sort: it names "a" twice`, []string{"--page-sort", "a=price,a=name"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			args := append([]string{"export", test.dir}, test.args...)
			if test.url != "" {
				args = append(args, "--relay-url", test.url)
			}
			err := run(t.Context(), args, io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.complaint) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v", err)
			}
		})
	}
	if entries, err := os.ReadDir(foreign); err != nil || len(entries) != 1 {
		t.Errorf("it wrote into the folder of somebody else: %v, %v", entries, err)
	}
}

func TestThePolicyAllowsARelayThatItWouldNotAllowAnyway(t *testing.T) {
	tests := map[relayURL][]string{
		"https://relay.example":    nil,
		"http://localhost:8080":    nil,
		"http://127.0.0.1:8080":    {"http://127.0.0.1:8080", "ws://127.0.0.1:8080"},
		"http://attic.local/relay": {"http://attic.local", "ws://attic.local"},
		"http://[fd00::1]:8080":    {"http:", "ws:"},
	}
	for url, want := range tests {
		t.Run(string(url), func(t *testing.T) {
			if got := url.sources(); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}
