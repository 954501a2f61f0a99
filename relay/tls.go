package main

import (
	"crypto/tls"
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
	written time.Time // when the files were last written, as far as is known
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
		return nil, fmt.Errorf("--tls-cert and --tls-key: %w", err)
	}
	return c, nil
}

func (c *certificate) load() error {
	c.looked = time.Now()
	var written time.Time
	for _, file := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		if info.ModTime().After(written) {
			written = info.ModTime()
		}
	}
	if written.Equal(c.written) {
		return nil
	}
	loaded, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.loaded, c.written = &loaded, written
	return nil
}

// get is tls.Config's GetCertificate.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) > relook {
		if err := c.load(); err != nil {
			c.log.Error("the renewed certificate cannot be used; the old one stays", "err", err)
		}
	}
	return c.loaded, nil
}

// secure makes a server speak TLS, if there is a certificate.
func (c *certificate) secure(server *http.Server) *http.Server {
	if c != nil {
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
	}
	return server
}
