package dispatcher

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxRetryAfter = time.Hour // an upstream that asks for more is asked again sooner
	maxReason     = 300       // bytes that are kept of why a request failed
	maxHeader     = 64 << 10  // bytes of an answer's header, and of what comes before it
)

// outcome is what became of a request.
type outcome struct {
	status     int    // zero if there was no answer
	reason     string // the beginning of the answer's body, or why there was none
	retryAfter time.Duration
	alone      bool // others get through, and this request never will
}

func (o outcome) delivered() bool { return o.status/100 == 2 }

// bad says whether the request's content is what was refused.
func (o outcome) bad() bool {
	return o.alone || o.status == http.StatusBadRequest || o.status == http.StatusRequestEntityTooLarge ||
		o.status == http.StatusUnprocessableEntity
}

// never says whether no later attempt can succeed.
func (o outcome) never() bool {
	return o.alone || o.status/100 == 4 && o.status != http.StatusRequestTimeout && o.status != http.StatusTooManyRequests
}

// final says whether there is nothing to try again.
func (o outcome) final() bool { return o.delivered() || o.never() }

// wantedProofs is how many times in a row the upstream must take something
// else and then give this answer for the request to be to blame. One that says
// that it failed is believed; one that may have had too much to do, or was not
// there, may have been so by chance.
func (o outcome) wantedProofs() int {
	if o.status/100 == 5 && o.status != http.StatusServiceUnavailable {
		return 1
	}
	return 3
}

// String tells the outcome of a failed request.
func (o outcome) String() string {
	if o.status == 0 {
		return o.reason
	}
	return strings.TrimSuffix(fmt.Sprintf("%d %s: %s", o.status, http.StatusText(o.status), o.reason), ": ")
}

// poster sends requests.
type poster struct {
	client         *http.Client
	timeout, grace time.Duration
}

// post sends a batch. When ctx ends it may go on for the grace.
func (p *poster) post(ctx context.Context, to string, body []byte) outcome {
	ctx, cancel := p.patient(ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return outcome{reason: brief(err.Error())}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "sortition-relay")
	response, err := p.client.Do(request)
	if err != nil {
		return outcome{reason: brief(withoutSecrets(err, request.URL).Error())}
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	var reason []byte
	if response.StatusCode != http.StatusSwitchingProtocols { // its body is the connection, where no context ends a read
		reason, _ = io.ReadAll(io.LimitReader(response.Body, maxReason))
	}
	return outcome{
		status:     response.StatusCode,
		reason:     brief(string(reason)),
		retryAfter: parseRetryAfter(response.Header.Get("Retry-After"), time.Now()),
	}
}

// withoutSecrets leaves of the address that net/http puts into its errors what is no secret.
func withoutSecrets(err error, address *url.URL) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		bare := *address
		bare.User, bare.RawQuery = nil, ""
		failed.URL = bare.String()
	}
	return err
}

// brief is the beginning of a reason. The errors of net/http repeat what the upstream said, whatever that is.
func brief(reason string) string {
	return strings.ToValidUTF8(reason[:min(len(reason), maxReason)], "?")
}

// patient returns a context that ends after the timeout, or the grace after ctx.
func (p *poster) patient(ctx context.Context) (context.Context, context.CancelFunc) {
	patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.timeout)
	forget := context.AfterFunc(ctx, func() { time.AfterFunc(p.grace, cancel) })
	return patient, func() {
		forget()
		cancel()
	}
}

// parseRetryAfter reads seconds or an HTTP date (RFC 9110, section 10.2.3);
// zero for anything else.
func parseRetryAfter(value string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) { // then it is the nearest there is
		wait = time.Duration(max(0, min(seconds, int64(maxRetryAfter/time.Second)))) * time.Second
	} else if date, err := http.ParseTime(value); err == nil {
		wait = date.Sub(now)
	}
	return max(0, min(wait, maxRetryAfter))
}

// backoff returns a pause between zero and a limit that doubles with each
// attempt from least to most. Full jitter: after an outage not all come back at once.
func backoff(attempt int, least, most time.Duration) time.Duration {
	limit := least
	for ; attempt > 0 && limit < most; attempt-- {
		limit *= 2
	}
	return rand.N(min(limit, most) + 1)
}
