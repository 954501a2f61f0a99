package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sortition/relay/internal/acceptencoding"
)

func TestWhatAnotherRelayPublishesIsInflatedUpToABound(t *testing.T) {
	const object = `{"sdkKey":"demo"}`
	most := bytes.Repeat([]byte("x"), 1000)
	cut := acceptencoding.Gzip([]byte(object))
	for _, c := range []struct {
		name, problem string
		zipped        []byte
		want          []byte
	}{
		{"results", "", acceptencoding.Gzip([]byte(object)), []byte(object)},
		{"as much as may be", "", acceptencoding.Gzip(most), most},
		{"one byte more", "more than 1000 bytes", acceptencoding.Gzip(append(most, 'x')), nil},
		{"no gzip", "invalid header", []byte(object + object), nil},
		{"gzip that breaks off", "unexpected EOF", cut[:len(cut)-9], nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := unzip(c.zipped, len(most))
			if !bytes.Equal(got, c.want) {
				t.Errorf("%d bytes, want %d", len(got), len(c.want))
			}
			if c.problem == "" && err != nil || c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)) {
				t.Errorf("error %v, want %q", err, c.problem)
			}
		})
	}
}

// In the night no event comes that would have them published with it.
func TestResultsThatCouldNotBePublishedArePublishedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		s := &sharedResults{relay: &relay{log: slog.New(slog.DiscardHandler)}, revised: make(chan struct{})}
		const away = time.Minute
		began, changed, ended := time.Now(), make(chan []string), make(chan struct{})
		tries, published := map[string]int{}, map[string]time.Duration{}
		go func() {
			defer close(ended)
			s.publishChanges(ctx, changed, func() {}, func(sdkKey string) error {
				tries[sdkKey]++
				if sdkKey == "quiet" && time.Since(began) < away {
					return errors.New("the servers are away")
				}
				published[sdkKey] = time.Since(began)
				return nil
			})
		}()
		changed <- []string{"quiet"}
		for range 1000 { // as long as 100 s
			changed <- []string{"busy"}
			<-time.After(100 * time.Millisecond)
		}
		stop()
		<-ended
		if at := published["quiet"]; at < away || at > away+publishAgain {
			t.Errorf("the servers were away for %v, and it was published after %v", away, at)
		}
		if most := 2 + int(away/publishAgain); tries["quiet"] > most || tries["busy"] != 1000 {
			t.Errorf("%d times it was tried to publish it, want at most %d; the other %d times", tries["quiet"], most, tries["busy"])
		}
	})
}
