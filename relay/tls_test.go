package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
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
	return mustMakeCertificate(tb, time.Time{}, time.Now().Add(time.Hour))
}

func mustMakeCertificate(tb testing.TB, from, until time.Time) (certFile, keyFile string, trust *x509.CertPool) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: until,
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
	_, otherKey, _ := MustMakeCertificate(t)
	garbled, text := filepath.Join(t.TempDir(), "garbled.pem"), filepath.Join(t.TempDir(), "text.pem")
	relaytest.MustWrite(t, garbled, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
	relaytest.MustWrite(t, text, "no PEM")
	for _, test := range []struct{ name, cert, key, says string }{
		{"no key", certFile, "", "--tls-cert: it needs a --tls-key"},
		{"no certificate", "", keyFile, "--tls-key: it needs a --tls-cert"},
		{"a certificate that is not there", "nowhere.pem", keyFile, "--tls-cert: stat nowhere.pem: no such file"},
		{"a key that is not there", certFile, "nowhere.pem", "--tls-key: stat nowhere.pem: no such file"},
		{"a folder for a certificate", filepath.Dir(certFile), keyFile, "--tls-cert: read " + filepath.Dir(certFile) + ": is a directory"},
		{"a folder for a key", certFile, filepath.Dir(keyFile), "--tls-key: read " + filepath.Dir(keyFile) + ": is a directory"},
		{"a key for a certificate", keyFile, keyFile, "--tls-cert: " + keyFile + ": there is no certificate (PEM) in it"},
		{"a certificate for a key", certFile, certFile, "--tls-key: " + certFile + ": tls: found a certificate rather than a key"},
		{"a certificate that is garbled", garbled, keyFile, "--tls-cert: " + garbled + ": x509: malformed certificate"},
		{"a text for a key", certFile, text, "--tls-key: " + text + ": tls: failed to find any PEM data in key input"},
		{"a key of another certificate", certFile, otherKey, "--tls-key: " + otherKey + ": tls: private key does not match public key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := []string{"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data-dir", t.TempDir()}
			for flag, file := range map[string]string{"--tls-cert": test.cert, "--tls-key": test.key} {
				if file != "" {
					args = append(args, flag, file)
				}
			}
			err := run(t.Context(), args, io.Discard, io.Discard)
			if err == nil || !strings.HasPrefix(err.Error(), test.says) {
				t.Errorf("%v; want %q", err, test.says)
			}
		})
	}
}

func TestAWrongTLSFileNamesWhereItsSettingCameFrom(t *testing.T) {
	certFile, _, _ := MustMakeCertificate(t)
	t.Setenv("RELAY_TLS_KEY", "nowhere.pem")
	err := run(t.Context(), []string{"--listen", "127.0.0.1:0", "--tls-cert", certFile, "--data-dir", t.TempDir()}, io.Discard, io.Discard)
	if err == nil || !strings.HasPrefix(err.Error(), "--tls-key (environment variable RELAY_TLS_KEY): stat nowhere.pem") {
		t.Errorf("%v", err)
	}
}

func TestARenewedCertificateIsTakenWhateverTheTimeOfItsFile(t *testing.T) {
	certFile, keyFile, _ := MustMakeCertificate(t)
	c, err := newCertificate(&settings{TLSCert: certFile, TLSKey: keyFile}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	before := c.loaded
	renewed, renewedKey, _ := MustMakeCertificate(t)
	relaytest.MustWrite(t, keyFile, relaytest.MustRead(t, renewedKey))
	relaytest.MustWrite(t, certFile, relaytest.MustRead(t, renewed))
	// As rsync -t or cp -p leave them: older than what they replace, or as old as it.
	for i, file := range []string{certFile, keyFile} {
		if err := os.Chtimes(file, time.Time{}, c.written[i].Add(-time.Duration(1-i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	c.looked = time.Time{}
	if now, err := c.get(nil); err != nil || now == before {
		t.Errorf("the old certificate stays, %v", err)
	}
}

func TestACertificateThatClientsRefuseByItsTimeIsTold(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name        string
		from, until time.Time
		told        int
	}{
		{"one that is valid", now.Add(-time.Hour), now.Add(time.Hour), 0},
		{"one that has expired", now.Add(-2 * time.Hour), now.Add(-time.Hour), 2},
		{"one that is not valid yet", now.Add(time.Hour), now.Add(2 * time.Hour), 2},
	} {
		certFile, keyFile, _ := mustMakeCertificate(t, c.from, c.until)
		var log strings.Builder
		certificate, err := newCertificate(&settings{TLSCert: certFile, TLSKey: keyFile}, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		certificate.looked = certificate.looked.Add(-2 * relook)
		for range 2 { // the first of them looks at the files again
			if _, err := certificate.get(nil); err != nil {
				t.Fatal(err)
			}
		}
		if told := strings.Count(log.String(), "level=ERROR msg=\"clients refuse the certificate: it is not valid now\""); told != c.told {
			t.Errorf("%s: told %d times, not %d: %s", c.name, told, c.told, log.String())
		}
	}
}
