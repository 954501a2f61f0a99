package main

import (
	"bytes"
	"log"
	"log/slog"
	"time"

	"golang.org/x/time/rate"
)

// complaints are net/http's own lines. Of those about connections that break the rules of TLS or HTTP/2 one a minute is told: whoever
// looks for open ports makes them by the thousand.
type complaints struct {
	log     *slog.Logger
	clients rate.Sometimes
}

// newComplaints makes a logger for http.Server's ErrorLog.
func newComplaints(to *slog.Logger) *log.Logger {
	return log.New(&complaints{log: to, clients: rate.Sometimes{Interval: time.Minute}}, "", 0)
}

// Write implements io.Writer. It is given a line at a time.
func (c *complaints) Write(line []byte) (int, error) {
	tell := func() { c.log.Warn("http server", "err", string(bytes.TrimSpace(line))) }
	if bytes.HasPrefix(line, []byte("http: TLS handshake error")) || bytes.HasPrefix(line, []byte("http2: server")) {
		c.clients.Do(tell)
	} else {
		tell()
	}
	return len(line), nil
}
