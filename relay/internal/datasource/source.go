package datasource

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// SourceCDN is the SOURCE that stands for Optimizely's CDN.
const SourceCDN = "cdn"

// source is where a project's datafile comes from.
type source interface {
	// fetch gives the content, or unchanged when it is still what have stands for. fresh asks caches on the way to look again.
	fetch(ctx context.Context, have validators, fresh bool) (content, error)
	// String names the source in logs and answers, without credentials.
	String() string
}

// content is what a source gave.
type content struct {
	body       []byte
	modified   time.Time
	validators validators
	unchanged  bool
}

// validators are what a conditional request sends back.
type validators struct{ etag, lastModified string }

// CheckSource says what is wrong with a SOURCE as an operator writes it, if anything.
func CheckSource(text string) error {
	scheme, _, isURL := strings.Cut(text, "://")
	if text == "" {
		return fmt.Errorf("a source is cdn, an http:// or https:// URL, or a file's path")
	}
	if !isURL {
		return nil
	}
	if u, err := url.Parse(text); err != nil || u.Host == "" || scheme != "http" && scheme != "https" {
		return fmt.Errorf("it is not an http:// or https:// URL; a source is cdn, such a URL, or a file's path") // it may hold credentials
	}
	return nil
}

func (o Options) newSource(p Project) source {
	switch {
	case p.Source == SourceCDN && p.AccessToken != "":
		return newHTTPSource(o.client, fmt.Sprintf(o.CDNAuthTemplate, p.SDKKey), p.AccessToken)
	case p.Source == SourceCDN:
		return newHTTPSource(o.client, fmt.Sprintf(o.CDNTemplate, p.SDKKey), "")
	case strings.Contains(p.Source, "://"):
		return newHTTPSource(o.client, p.Source, p.AccessToken)
	}
	return newFileSource(p.Source)
}

// readBounded reads a datafile that may be at most MaxBytes long.
func readBounded(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err == nil && len(body) > MaxBytes {
		err = fmt.Errorf("the datafile is larger than %d MB", MaxBytes>>20)
	}
	return body, err
}
