package main

import (
	"path/filepath"
	"strings"
	"testing"

	"sortition/relay/internal/relaytest"
)

// A page that was away while the relay was restarted and the datafile changed is sent the difference all the same.
func TestAPageResumesAcrossARestart(t *testing.T) {
	s := MustStart(t, "").awaitReady(t)
	page := s.follow(t)
	have := page.Frames()[0].Hash
	file := filepath.Join(s.data, "demo.json")
	relaytest.MustWrite(t, file, demoAt(t, 2))
	awaitRevision(t, page, "2")
	page.Close()
	s.await(t, "/readyz", "readiness", func(relaytest.Response) bool {
		return strings.Contains(relaytest.MustGet(t, s.admin+"/v1/projects/demo/history").Body, `"revision":"2"`)
	})
	s.stop()
	relaytest.MustWrite(t, file, demoAt(t, 3))

	again := MustStart(t, s.data).awaitReady(t)
	back := relaytest.MustDial(t, again.url+"/v1/stream", nil)
	back.Has(demoAt(t, 1))
	back.MustHello(t, relaytest.Hello{SDKKey: demoKey, Have: &have})
	frame := awaitRevision(t, back, "3")
	if frame.From == "" || string(frame.Payload) != demoAt(t, 3) {
		t.Fatalf("it was sent %s and %d bytes", frame.Header, len(frame.Payload))
	}
}
