package main

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sortition/relay/internal/datasource"
)

// The types of settings read themselves from text and say what is allowed. Their errors repeat a value only where it can
// hold no secret.

// project is SDKKEY=SOURCE; an empty source is the demo's datafile.
type project struct{ sdkKey, source string }

// sdkKey is also a file's name, so there is nothing in it that a path could be made of.
var sdkKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// UnmarshalText implements encoding.TextUnmarshaler. A source can hold credentials.
func (p *project) UnmarshalText(text []byte) (err error) {
	var ok bool
	p.sdkKey, p.source, ok = strings.Cut(string(text), "=")
	if !ok || !sdkKey.MatchString(p.sdkKey) {
		return errors.New("it is not SDKKEY=SOURCE, with a key of letters, digits, _ and -, such as shop=cdn")
	}
	if p.source == "" {
		return nil
	}
	if err := datasource.CheckSource(p.source); err != nil {
		return fmt.Errorf("the source of %s: %w", p.sdkKey, err)
	}
	return nil
}

// accessToken is SDKKEY=TOKEN.
type accessToken struct{ sdkKey, token string }

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *accessToken) UnmarshalText(text []byte) error {
	var ok bool
	a.sdkKey, a.token, ok = strings.Cut(string(text), "=")
	if !ok || !sdkKey.MatchString(a.sdkKey) || a.token == "" {
		return errors.New("it is not SDKKEY=TOKEN")
	}
	return nil
}

// sortOrder is VARIATION=ORDER.
type sortOrder struct{ variation, order string }

// orders are those that public/lib/catalogue.js knows; shelf is the shop's own.
const orders = "price, category, name, shelf"

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *sortOrder) UnmarshalText(text []byte) error {
	var ok bool
	o.variation, o.order, ok = strings.Cut(string(text), "=")
	if !ok || o.variation == "" || !slices.Contains(strings.Split(orders, ", "), o.order) {
		return fmt.Errorf("%q is not VARIATION=ORDER with one of the orders %s, such as cheapest_first=price", text, orders)
	}
	return nil
}

// origin is scheme://host[:port] as browsers send it, with which it is compared, or *.
type origin string

// originHost is a host with perhaps a port in lower case; what is beyond ASCII is written as xn--.
var originHost = regexp.MustCompile(`^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?$`)

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *origin) UnmarshalText(text []byte) error {
	*o = origin(text)
	if *o == "*" {
		return nil
	}
	scheme, host, _ := strings.Cut(string(text), "://")
	portless := strings.TrimSuffix(host, map[string]string{"http": ":80", "https": ":443"}[scheme])
	u, err := url.Parse(string(text))
	switch {
	case strings.Contains(host, "*"):
		return fmt.Errorf("%q is a pattern, and none is understood: name each origin, such as https://shop.example, or allow all by *", text)
	case err != nil || u.Scheme != scheme || u.Host != host || !originHost.MatchString(host):
		return fmt.Errorf("%q is not scheme://host[:port] as browsers send it, such as https://shop.example, "+
			"in lower case and without a slash at its end, or *", text)
	case portless != host:
		return fmt.Errorf("%q has the port that browsers leave out, since it is the scheme's own: the origin is %s://%s", text, scheme, portless)
	}
	return nil
}

// eventsURL is an http:// or https:// URL.
type eventsURL string

// UnmarshalText implements encoding.TextUnmarshaler. A URL can hold credentials.
func (e *eventsURL) UnmarshalText(text []byte) error {
	*e = eventsURL(text)
	if !isWebURL(string(text)) {
		return errors.New("it is not an http:// or https:// URL, such as https://logx.optimizely.com/v1/events")
	}
	return nil
}

// webURL is an http:// or https:// URL.
type webURL string

// UnmarshalText implements encoding.TextUnmarshaler. A URL can hold credentials.
func (w *webURL) UnmarshalText(text []byte) error {
	*w = webURL(text)
	if !isWebURL(string(text)) {
		return errors.New("it is not an http:// or https:// URL, such as http://localhost:8080/webhook")
	}
	return nil
}

// notifyURL is where pages find datafiles that they are told of.
type notifyURL string

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *notifyURL) UnmarshalText(text []byte) error {
	address, err := pagesURL(string(text), "https://cdn.example")
	*n = notifyURL(address)
	return err
}

// policyHost is a host that can stand in a page's policy as it is.
var policyHost = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$|^\[[0-9A-Fa-f:.]+\](:[0-9]+)?$`)

// pagesURL reads an address that pages are told, to go on from: http or https, a host and perhaps a path, with no slash at its end.
// The error does not repeat what may be a password.
func pagesURL(text, example string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err == nil && u.User != nil:
		return "", errors.New("it holds a user name or a password, which every visitor could read")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || !policyHost.MatchString(u.Host):
		return "", errors.New("it is not an http:// or https:// URL, such as " + example)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errors.New("it goes on behind the path: what begins with ? or # has no meaning here")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// cdnTemplate is an http:// or https:// URL with %s in place of the SDK key.
type cdnTemplate string

// UnmarshalText implements encoding.TextUnmarshaler. A URL can hold credentials.
func (c *cdnTemplate) UnmarshalText(text []byte) error {
	*c = cdnTemplate(text)
	before, after, found := strings.Cut(string(text), "%s")
	if !found || strings.Contains(before+after, "%") || !isWebURL(before+after) {
		return errors.New("it is not an http:// or https:// URL with one %s for the SDK key, such as https://cdn.example/datafiles/%s.json")
	}
	return nil
}

func isWebURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// duration is a number with a unit.
type duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *duration) UnmarshalText(text []byte) error {
	read, err := time.ParseDuration(string(text))
	if days, ok := strings.CutSuffix(string(text), "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		read = time.Duration(n) * 24 * time.Hour //nolint:gosec // 16 bits
	}
	if errors.Is(err, strconv.ErrRange) {
		return fmt.Errorf("%q is too long; at most 65535d is allowed", text)
	}
	if err != nil {
		return fmt.Errorf("%q is not a duration: a number with a unit, such as 30s, 5m, 1h30m or 30d", text)
	}
	*d = duration(read)
	return nil
}

// proxy is one or a network of them.
type proxy netip.Prefix

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *proxy) UnmarshalText(text []byte) error {
	if address, err := netip.ParseAddr(string(text)); err == nil {
		*p = proxy(netip.PrefixFrom(address, address.BitLen()))
		return nil
	}
	network, err := netip.ParsePrefix(string(text))
	if err != nil {
		return fmt.Errorf("%q is no network or address, such as 10.0.0.0/8 or fd00::1", text)
	}
	*p = proxy(network)
	return nil
}

// moment is a time, or a duration before now.
type moment time.Time

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *moment) UnmarshalText(text []byte) error {
	if at, err := time.Parse(time.RFC3339, string(text)); err == nil {
		*m = moment(at)
		return nil
	}
	var ago duration
	if err := ago.UnmarshalText(text); err != nil {
		return fmt.Errorf("%q is neither a time, such as 2026-01-02T15:04:05Z, nor how long ago, such as 30m or 7d", text)
	}
	*m = moment(time.Now().Add(-time.Duration(ago)))
	return nil
}

// count is a whole number.
type count int

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *count) UnmarshalText(text []byte) error {
	n, err := strconv.ParseInt(string(text), 10, 32)
	if err != nil {
		return fmt.Errorf("%q is not a whole number below 2147483648", text)
	}
	*c = count(n)
	return nil
}

// revision is that of a datafile.
type revision uint64

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *revision) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 64)
	if err != nil {
		return fmt.Errorf("%q is not a revision: a whole number, such as 42", text)
	}
	*r = revision(n)
	return nil
}

// size is a number of bytes, written as such or with a unit.
type size int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *size) UnmarshalText(text []byte) error {
	digits := strings.TrimRight(string(text), "KMGTiB")
	unit, known := map[string]int64{"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}[string(text)[len(digits):]]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !known || n < 0 || n > (1<<62)/unit {
		return fmt.Errorf("%q is not a size: a number of bytes, or one with KiB, MiB, GiB or TiB, such as 2GiB", text)
	}
	*s = size(n * unit)
	return nil
}
