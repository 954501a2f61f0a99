package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"sortition/relay/internal/relaytest"
)

func TestWrongSettingsNameThemselves(t *testing.T) {
	file := filepath.Join(t.TempDir(), "relay.json")
	relaytest.MustWrite(t, file, `{"listn": ":0"}`)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, test := range []struct {
		name string
		args string
		says []string
	}{
		{"an unknown flag", "--nope", []string{"--nope"}},
		{"no duration", "--poll-interval 5", []string{"--poll-interval", "unit"}},
		{"too short an interval", "--poll-interval 1ms", []string{"--poll-interval", "1s"}},
		{"no address", "--listen 80", []string{"--listen", "host:port"}},
		{"a taken port", "--listen " + taken.Addr().String(), []string{"--listen", "in use"}},
		{"a taken operator's port", "--listen 127.0.0.1:0 --admin " + taken.Addr().String(), []string{"--admin", "in use"}},
		{"an open operator's port", "--admin :0", []string{"--admin", "--admin-token"}},
		{"a project without a source", "--project shop", []string{"--project", "SDKKEY=SOURCE"}},
		{"a key that is a path", "--project ../shop=cdn", []string{"--project", "letters"}},
		{"a source it cannot read", "--project shop=ftp://x/y", []string{"--project", "http://"}},
		{"a project twice", "--project a=cdn --project a=cdn", []string{"--project", "twice"}},
		{"a token of nobody", "--access-token x=y", []string{"--access-token", "--project"}},
		{"half a token", "--access-token x", []string{"--access-token", "SDKKEY=TOKEN"}},
		{"an origin with a path", "--allow-origin https://a.example/b", []string{"--allow-origin", "scheme://host"}},
		{"no address for events", "--events-url shop", []string{"--events-url", "http://"}},
		{"no size", "--max-backlog 2GB", []string{"--max-backlog", "2GiB"}},
		{"too small a size", "--max-backlog 1KiB", []string{"--max-backlog", "16MiB"}},
		{"no connections", "--max-connections 0", []string{"--max-connections", "1"}},
		{"no time to stop", "--shutdown-timeout 0s", []string{"--shutdown-timeout"}},
		{"no such site", "--listen 127.0.0.1:0 --admin 127.0.0.1:0 --site /nowhere/to/be/found", []string{"--site", "/nowhere"}},
		{"an unknown member of the file", "--config " + file, []string{"listn", "listen"}},
		{"no project id", "webhook --project-id x", []string{"--project-id", "number"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := run(t.Context(), strings.Fields(test.args), io.Discard, io.Discard)
			for _, part := range test.says {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("%v does not say %q", err, part)
				}
			}
		})
	}
}

func TestSettingsComeFromFlagThenEnvironmentThenFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "relay.json")
	relaytest.MustWrite(t, file, `{"allow-origin":["https://file.example"],"results-token":"file","max-connections":1}`)
	t.Setenv("RELAY_CONFIG", file)
	t.Setenv("RELAY_ALLOW_ORIGIN", "https://a.example,https://b.example")
	t.Setenv("RELAY_NO_SUCH_SETTING", "1")
	s := MustStart(t, "", "--project", "shop="+filepath.Join("..", "public", "demo", "datafile.json")).awaitReady(t)
	for origin, want := range map[string]bool{"https://a.example": true, "https://b.example": true, "https://file.example": false} {
		got := relaytest.MustDo(t, "GET", s.url+"/healthz", "", http.Header{"Origin": {origin}})
		if allowed := got.Header.Get("Access-Control-Allow-Origin") == origin; allowed != want {
			t.Errorf("%s allowed: %v", origin, allowed)
		}
	}
	first := relaytest.MustSubscribe(t, s.url+"/v1/stream", relaytest.Hello{SDKKey: "shop"})
	awaitRevision(t, first, "1")
	if code, _ := relaytest.MustDial(t, s.url+"/v1/stream", nil).WaitClose(t); code != 4429 {
		t.Errorf("a second page was closed with %d", code)
	}
	if !strings.Contains(s.log.String(), "RELAY_NO_SUCH_SETTING") {
		t.Error("nothing is said of a variable that is no setting")
	}
}

func TestHelpAndVersion(t *testing.T) {
	for args, says := range map[string]string{"--help": "--webhook-secret", "webhook --help": "--revision", "--version": "relay "} {
		var out strings.Builder
		if err := run(t.Context(), strings.Fields(args), &out, io.Discard); err != nil || !strings.Contains(out.String(), says) {
			t.Errorf("%s: %v\n%s", args, err, out.String())
		}
	}
}

func TestThePageIsToldItsSettings(t *testing.T) {
	s := MustStart(t, "", "--project", "shop="+filepath.Join("..", "public", "demo", "datafile.json"))
	var config struct {
		RelayURL, SDKKey, ExperimentKey, EventKey string
		Sort                                      map[string]string
	}
	if err := json.Unmarshal([]byte(relaytest.MustGet(t, s.url+"/config.json").Body), &config); err != nil {
		t.Fatal(err)
	}
	if config.SDKKey != "shop" || config.ExperimentKey != "item-sort" || config.EventKey != "item_purchase" || config.Sort["price"] != "price" {
		t.Errorf("%+v", config)
	}
}
