package main

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"sortition/relay/internal/relaytest"
)

func TestMetricsAreThoseOfTheManual(t *testing.T) {
	s := MustStart(t, "")
	s.await(t, "/readyz", "datafile", func(r relaytest.Response) bool { return r.Status == http.StatusOK })
	got := relaytest.MustGet(t, s.admin+"/metrics").Body
	for _, sample := range []string{`relay_datafile_revision{sdk_key="demo"} `, "relay_stream_connections 0\n", "process_open_fds "} {
		if !strings.Contains(got, "\n"+sample) {
			t.Errorf("there is no %s", sample)
		}
	}
	manual, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range regexp.MustCompile(`(?m)^# TYPE (relay_\w+)`).FindAllStringSubmatch(got, -1) {
		if !strings.Contains(string(manual), "`"+family[1]) {
			t.Errorf("README.md does not say what %s is", family[1])
		}
	}
}
