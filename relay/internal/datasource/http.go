package datasource

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"time"
)

// httpSource is a URL, asked with a conditional GET.
type httpSource struct {
	client *http.Client
	url    string
	token  string
}

func newHTTPSource(client *http.Client, url, token string) *httpSource {
	return &httpSource{client, url, token}
}

// maxSilence is how long a source may say nothing on a connection of HTTP/2 before it is asked whether it is there, and again before the
// connection is given up. Without that one which a balancer or a NAT has forgotten would take every further request, until the kernel
// gives it up after a quarter of an hour.
const maxSilence = 5 * time.Second

// newClient returns a client that neither waits nor follows for ever.
func newClient(maxSilence time.Duration) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: 5 * time.Second}).DialContext
	transport.ResponseHeaderTimeout = 10 * time.Second
	transport.MaxIdleConnsPerHost = 2
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: maxSilence, PingTimeout: maxSilence}
	transport.MaxResponseHeaderBytes = 64 << 10 // its validators are kept, and errors repeat what is wrong in it
	return &http.Client{Transport: transport, Timeout: time.Minute, CheckRedirect: checkRedirect}
}

func checkRedirect(next *http.Request, via []*http.Request) error {
	switch {
	case len(via) > 5:
		return errors.New("more than 5 redirects")
	case via[0].URL.Scheme == "https" && next.URL.Scheme != "https":
		return errors.New("a redirect from https to " + next.URL.Scheme)
	}
	return nil
}

func (s *httpSource) fetch(ctx context.Context, have validators, fresh bool) (content, error) {
	got, err := s.get(ctx, have, fresh)
	if err != nil {
		return content{}, fmt.Errorf("fetch %s: %s", s, ofConnection.ReplaceAllString(withoutURL(err).Error(), ""))
	}
	return got, nil
}

// ofConnection is what net/http's errors say of one connection: its own port, and how far it had got. A source that fails in one way
// fails in one sentence, or each attempt would be news.
var ofConnection = regexp.MustCompile(`\S+:\d+->|stream ID \d+; |LastStreamID=\d+, `)

func (s *httpSource) get(ctx context.Context, have validators, fresh bool) (content, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return content{}, err
	}
	set := func(name, value string) {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	set("If-None-Match", have.etag)
	set("If-Modified-Since", have.lastModified)
	if fresh {
		set("Cache-Control", "no-cache")
	}
	if s.token != "" {
		set("Authorization", "Bearer "+s.token)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return content{}, err
	}
	defer response.Body.Close()
	return read(response, have)
}

func read(response *http.Response, have validators) (content, error) {
	switch response.StatusCode {
	case http.StatusNotModified:
		if have == (validators{}) {
			return content{}, fmt.Errorf("the answer was %s, to a request without a condition", response.Status)
		}
		return content{unchanged: true}, nil
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return content{}, fmt.Errorf("the answer was %s: check the SDK key, and the access token if the datafile is private", response.Status)
	default:
		return content{}, fmt.Errorf("the answer was %s", response.Status)
	}
	body, err := readBounded(response.Body)
	if err != nil {
		return content{}, err
	}
	header := response.Header
	modified, err := http.ParseTime(header.Get("Last-Modified"))
	if err != nil {
		modified = time.Now()
	}
	return content{body, modified, validators{header.Get("ETag"), header.Get("Last-Modified")}, false}, nil
}

// withoutURL drops the URL that net/http puts into its errors: it may hold credentials, and the source is named already.
func withoutURL(err error) error {
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		return urlErr.Err
	}
	return err
}

// String gives the URL without user and query, which may be secret.
func (s *httpSource) String() string {
	u, err := url.Parse(s.url)
	if err != nil {
		return "an unreadable URL"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}
