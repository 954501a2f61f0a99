package dispatcher

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/relaytest"
)

// mustMisbehaveOnce serves an event API, but says something else on the first connection: as it is, and then nothing more.
func mustMisbehaveOnce(t *testing.T, api http.Handler, say string) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := http.Server{Handler: api, ReadHeaderTimeout: relaytest.Patience}
	stop := relaytest.MustRun(t, "upstream", func(context.Context) error {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		defer conn.Close() //nolint:errcheck // the client may have closed it
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
			return err
		}
		_, _ = conn.Write([]byte(say)) // the client may not want all of it
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	t.Cleanup(func() {
		_ = server.Close()
		stop()
	})
	return "http://" + listener.Addr().String()
}

func TestAnUpstreamThatIsNoGoodHTTPIsTriedAgainAndBrieflyTold(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	var bomb strings.Builder
	zipped := gzip.NewWriter(&bomb)
	if _, err := zipped.Write(make([]byte, 8<<20)); err != nil {
		t.Fatal(err)
	}
	for name, upstream := range map[string]struct{ says, told string }{
		"another protocol":        {"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n", "101 Switching Protocols"},
		"a first line of control": {strings.Repeat("\x01", maxHeader/2) + "\r\n\r\n", "malformed HTTP response"},
		"a status without sense":  {"HTTP/1.1 " + strings.Repeat("2", maxHeader/2) + "\r\n\r\n", "malformed HTTP"},
		"headers without an end":  {ok + strings.Repeat("A: b\r\n", maxHeader), "headers exceeded"},
		"hints without an end":    {strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", maxHeader), "headers exceeded"},
		"a redirect elsewhere":    {"HTTP/1.1 307 No\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "307 Temporary Redirect"},
		"half an answer":          {ok + "Content-Le", "deadline exceeded"},
		"a body without an end":   {"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nnever\r\n", "503 Service Unavailable: never"},
		"a body that inflates":    {"HTTP/1.1 503 No\r\nContent-Encoding: gzip\r\n\r\n" + bomb.String(), "503 Service Unavailable: \x00"},
	} {
		t.Run(name, func(t *testing.T) {
			api := relaytest.NewEventAPI(t)
			url := mustMisbehaveOnce(t, api, upstream.says)
			h := mustStart(t, Options{Projects: []Project{project("one", url)}, Timeout: 2 * time.Second})
			h.mustAppend("one", "a")
			api.WaitEvents(t, 1)
			told := h.d.Statuses()[0].LastError
			if !strings.Contains(told, upstream.told) || len(told) > 2*maxReason {
				t.Errorf("it is told as %.400q, %d bytes", told, len(told))
			}
		})
	}
}
