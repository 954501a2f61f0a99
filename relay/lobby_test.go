package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sortition/relay/internal/relaytest"
)

// MustListen opens ports that are closed when the test ends.
func MustListen(tb testing.TB) ports {
	tb.Helper()
	opened, err := listen(&settings{Listen: "127.0.0.1:0", Admin: "127.0.0.1:0"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := opened.close(); err != nil {
			tb.Error(err)
		}
	})
	return opened
}

func TestTheLobbyAnswersAndLeavesThePortsToTheRelay(t *testing.T) {
	certFile, keyFile, trust := MustMakeCertificate(t)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	certificate, err := newCertificate(&settings{TLSCert: certFile, TLSKey: keyFile}, log)
	if err != nil {
		t.Fatal(err)
	}
	opened := MustListen(t)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12}}}
	defer client.CloseIdleConnections()
	ask := func() (status int, body string) {
		response, err := client.Get("https://" + opened.public.Addr().String() + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(text)
	}
	lobby := lobby{opened, certificate, 10 * time.Second, log}
	err = lobby.during(t.Context(), "it rains", func(context.Context) error {
		// A browser opens connections in advance, which wait in the lobby or at the port.
		early, err := net.Dial("tcp", opened.public.Addr().String())
		if err != nil {
			return err
		}
		t.Cleanup(func() { early.Close() })
		if status, body := ask(); status != http.StatusServiceUnavailable || body != `{"status":"unavailable","error":"it rains","degraded":[]}`+"\n" {
			t.Errorf("the lobby answered %d: %s", status, body)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	relaytest.MustRun(t, "relay", func(ctx context.Context) error {
		relay := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "here") })
		return serve(ctx, opened.public, certificate.secure(publicServer(relay)), time.Second, log)
	})
	if status, body := ask(); status != http.StatusOK || body != "here" {
		t.Errorf("the relay answered %d: %s", status, body)
	}
}

func TestNoRequestIsDroppedWhereTheRelayTakesOverFromTheLobby(t *testing.T) {
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	opened := MustListen(t)
	ctx, stop := context.WithCancel(t.Context())
	each := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	var askers sync.WaitGroup
	var answers atomic.Int64
	for range 4 {
		askers.Go(func() {
			for ctx.Err() == nil {
				// Each comes on a connection of its own, as from a browser or a prober that has just found the relay.
				response, err := each.Get("http://" + opened.public.Addr().String() + "/readyz")
				if err != nil {
					t.Error(err)
					return
				}
				response.Body.Close()
				answers.Add(1)
			}
		})
	}
	for range 50 {
		err := lobby{opened, nil, 10 * time.Second, log}.during(t.Context(), "it rains", func(context.Context) error {
			for enough := answers.Load() + 5; answers.Load() < enough && !t.Failed(); {
				runtime.Gosched()
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	stop()
	last := lobby{opened, nil, 10 * time.Second, log} // for those that wait at the port
	if err := last.during(t.Context(), "it rains", func(context.Context) error { askers.Wait(); return nil }); err != nil {
		t.Error(err)
	}
}

func TestWhatTheLobbyWaitedForInVainIsTold(t *testing.T) {
	failure := errors.New("it never came")
	err := lobby{MustListen(t), nil, time.Second, slog.New(slog.DiscardHandler)}.during(t.Context(), "it rains", func(context.Context) error { return failure })
	if !errors.Is(err, failure) {
		t.Errorf("it says %v", err)
	}
}
