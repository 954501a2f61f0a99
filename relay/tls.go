package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"
)

// certificate is what the public port shows, read from files. They are looked at again now and then, so that a renewed one needs no
// restart; while the new files cannot be read the old certificate stays.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	loaded  *tls.Certificate
	written [2]time.Time // when each of the files was last written, as far as is known
	looked  time.Time
}

// relook is how long a certificate is used without a look at its files.
const relook = time.Minute

// newCertificate reads the certificate, or returns nil when there shall be none.
func newCertificate(s *settings, log *slog.Logger) (*certificate, error) {
	if s.TLSCert == "" {
		return nil, nil
	}
	c := &certificate{certFile: s.TLSCert, keyFile: s.TLSKey, log: log}
	if err := c.load(); err != nil {
		return nil, err
	}
	c.tellValidity()
	return c, nil
}

// load reads the files, if one of them was written since. Its error is that of the setting that is to blame.
func (c *certificate) load() error {
	c.looked = time.Now()
	certWritten, err := writtenAt("tls-cert", c.certFile)
	if err != nil {
		return err
	}
	keyWritten, err := writtenAt("tls-key", c.keyFile)
	if err != nil {
		return err
	}
	written := [2]time.Time{certWritten, keyWritten}
	if written == c.written {
		return nil
	}
	loaded, err := readCertificate(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.loaded, c.written = loaded, written
	return nil
}

func writtenAt(setting, file string) (time.Time, error) {
	info, err := os.Stat(file)
	if err != nil {
		return time.Time{}, &settingError{setting: setting, err: err}
	}
	return info.ModTime(), nil
}

// readCertificate reads the certificate by itself first: crypto/tls names neither file.
func readCertificate(certFile, keyFile string) (*tls.Certificate, error) {
	cert, err := os.ReadFile(certFile)
	if err != nil {
		return nil, &settingError{setting: "tls-cert", err: err}
	}
	if err := checkCertificate(cert); err != nil {
		return nil, &settingError{setting: "tls-cert", err: fmt.Errorf("%s: %w", certFile, err)}
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, &settingError{setting: "tls-key", err: err}
	}
	loaded, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, &settingError{setting: "tls-key", err: fmt.Errorf("%s: %w", keyFile, err)}
	}
	return &loaded, nil
}

// checkCertificate says why the first certificate of a text is none.
func checkCertificate(text []byte) error {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			_, err := x509.ParseCertificate(block.Bytes)
			return err
		}
	}
	return errors.New("there is no certificate (PEM) in it")
}

// get is tls.Config's GetCertificate.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) > relook {
		if err := c.load(); err != nil {
			c.log.Error("the renewed certificate cannot be used; the old one stays", "err", err)
		}
		c.tellValidity()
	}
	return c.loaded, nil
}

// tellValidity tells of a certificate by whose time clients refuse it: what they say of that is no more than a broken handshake.
func (c *certificate) tellValidity() {
	now, leaf := time.Now(), c.loaded.Leaf
	if now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
		c.log.Error("clients refuse the certificate: it is not valid now", "file", c.certFile, "from", leaf.NotBefore, "until", leaf.NotAfter)
	}
}

// secure makes a server speak TLS, if there is a certificate.
func (c *certificate) secure(server *http.Server) *http.Server {
	if c != nil {
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
	}
	return server
}
