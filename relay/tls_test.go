package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"sortition/relay/internal/relaytest"
)

// MustMakeCertificate writes a certificate of 127.0.0.1 and its key, and returns who trusts it.
func MustMakeCertificate(tb testing.TB) (certFile, keyFile string, trust *x509.CertPool) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		tb.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	certFile, keyFile = filepath.Join(tb.TempDir(), "cert.pem"), filepath.Join(tb.TempDir(), "key.pem")
	relaytest.MustWrite(tb, certFile, string(text))
	relaytest.MustWrite(tb, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	trust = x509.NewCertPool()
	trust.AppendCertsFromPEM(text)
	return certFile, keyFile, trust
}

func TestTLS(t *testing.T) {
	certFile, keyFile, trust := MustMakeCertificate(t)
	s := MustStart(t, "", "--tls-cert", certFile, "--tls-key", keyFile)
	address := strings.TrimPrefix(s.url, "http://")
	config := &tls.Config{RootCAs: trust}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
	response, err := client.Get("https://" + address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()

	dialer := websocket.Dialer{TLSClientConfig: config}
	conn, _, err := dialer.Dial("wss://"+address+"/v1/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","protocol":1,"sdkKey":"demo","have":null}`)); err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(s.data, "next.json")
	for _, says := range []string{`"revision":"1"`, `"from"`} {
		_, frame, err := conn.ReadMessage()
		if err != nil || !strings.Contains(string(frame), says) {
			t.Fatalf("over TLS came %.100q, %v; want one with %s", frame, err, says)
		}
		relaytest.MustWrite(t, next, demoAt(t, 2))
		if err := os.Rename(next, filepath.Join(s.data, "demo.json")); err != nil { // in one step: half a datafile is a problem, which is told
			t.Fatal(err)
		}
	}
}

func TestOfConnectionsThatBreakTheRulesTheLogTellsOnce(t *testing.T) {
	certFile, keyFile, trust := MustMakeCertificate(t)
	s := MustStart(t, "", "--tls-cert", certFile, "--tls-key", keyFile)
	address := strings.TrimPrefix(s.url, "http://")
	http2 := &tls.Config{RootCAs: trust, NextProtos: []string{"h2"}}
	for _, dial := range []func() (net.Conn, error){
		func() (net.Conn, error) { return net.Dial("tcp", address) },
		func() (net.Conn, error) { return net.Dial("tcp", address) },
		func() (net.Conn, error) { return tls.Dial("tcp", address, http2) },
	} {
		conn, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "this is neither TLS nor HTTP/2\n"); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, conn) // until the relay has closed it, which is after the log
		conn.Close()
	}
	s.stop()
	if told := strings.Count(s.log.String(), "level=WARN"); told != 1 {
		t.Errorf("the log warns %d times", told)
	}
}

func TestTLSFilesThatAreNoneStopTheStart(t *testing.T) {
	certFile, keyFile, _ := MustMakeCertificate(t)
	for says, args := range map[string][]string{
		"--tls-key":   {"--tls-cert", certFile},
		"--tls-cert":  {"--tls-key", keyFile},
		"nowhere.pem": {"--tls-cert", "nowhere.pem", "--tls-key", keyFile},
		"private key": {"--tls-cert", certFile, "--tls-key", certFile},
	} {
		err := run(context.Background(), append(args, "--listen", "127.0.0.1:0", "--data-dir", t.TempDir()), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v; want an error with %q", args, err, says)
		}
	}
}
