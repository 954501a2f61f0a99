package relaytest

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"
)

// MustServeHTTP2 serves HTTP/2 and returns the server's address, and what a client needs to trust it wherever it finds it.
func MustServeHTTP2(tb testing.TB, handler http.HandlerFunc) (address string, trust *tls.Config) {
	tb.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.StartTLS()
	tb.Cleanup(server.Close)
	trust = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	trust.ServerName = "example.com" // whom httptest's certificate is of
	return server.Listener.Addr().String(), trust
}
