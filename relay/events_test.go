package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"sortition/relay/internal/relaytest"
)

func TestEventsPrintsTheLogByProjectAndTimeWhileTheRelayRuns(t *testing.T) {
	s := MustStart(t, "")
	s.await(t, "/readyz", "datafile", func(r relaytest.Response) bool { return r.Status == 200 })
	post := func(query, uuid string) {
		t.Helper()
		body := strings.NewReplacer(`"1001"`, `"12198292375"`, `"2002"`, `"20410805626"`).Replace(
			relaytest.Body(relaytest.Impression("Matt", "20417730841", "20402531206", uuid, 1)))
		if got := relaytest.MustPost(t, s.url+"/v1/events"+query, body); got.Status != 204 {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
	}
	post("?sdkKey=demo", "one")
	post("?sdkKey=sandbox", "two")
	post("", "three")
	tomorrow := time.Now().Add(24 * time.Hour).Format(time.RFC3339)
	for _, test := range []struct{ args, want string }{
		{"", "one two three"},
		{"--sdk-key sandbox", "two"},
		{"--project-id 20410805626", "one two three"},
		{"--project-id 1", ""},
		{"--since 1h --until " + tomorrow, "one two three"},
		{"--since " + tomorrow, ""},
		{"--until 1d", ""},
	} {
		t.Run("relay events "+test.args, func(t *testing.T) {
			var out bytes.Buffer
			args := append([]string{"events", "--data-dir", s.data}, strings.Fields(test.args)...)
			if err := run(t.Context(), args, &out, io.Discard); err != nil {
				t.Fatal(err)
			}
			for _, uuid := range strings.Fields(test.want) {
				if !strings.Contains(out.String(), fmt.Sprintf(`"uuid":%q}`, uuid)) {
					t.Errorf("%s is missing in %s", uuid, out.String())
				}
			}
			if lines := strings.Count(out.String(), "\n"); lines != len(strings.Fields(test.want)) {
				t.Errorf("%d lines: %s", lines, out.String())
			}
		})
	}
	for n := range 16 { // more than is written at once
		post("", fmt.Sprint("more-", n))
	}
	err := run(t.Context(), []string{"events", "--data-dir", s.data}, fullDisk{}, io.Discard)
	if err == nil || strings.Count(err.Error(), syscall.ENOSPC.Error()) != 1 {
		t.Errorf("to a full disk: %v", err)
	}
	if err := run(t.Context(), []string{"events", "--data-dir", t.TempDir()}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "no event log") {
		t.Errorf("of an empty folder: %v", err)
	}
	if err := run(t.Context(), []string{"events", "--since", "yesterday"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "30m") {
		t.Errorf("since yesterday: %v", err)
	}
}

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }
