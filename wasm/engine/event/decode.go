package event

import (
	"strconv"
	"unicode/utf8"

	"sortition/wasm/engine/internal/jsontext"
)

// Bounds of one batch. The length of the body is the caller's to bound.
const (
	MaxVisitors = 10_000
	maxElements = 1_000 // snapshots of a visitor; decisions and events of a snapshot
	// The decisions of a batch, and its attributes, are bounded by its length too, beyond what a small one may have: those of SDKs take
	// leastBytes and more, so none of theirs is too many; empty ones would take fifty times as much memory as text.
	maxInAll   = 20_000
	leastBytes = 50
	maxUUID    = 64 // bytes
)

// Decode reads a batch as an SDK of any language sends it. Required are visitors, and of each visitor_id (a string) and
// snapshots, of each snapshot its events, and of each event its key, its uuid (at most maxUUID bytes) and its timestamp (an
// integer; beyond 64 bits it is cut to them). Ids may be strings, numbers or null, decisions and attributes may be missing
// or null, and unknown members are kept in Raw and in the header and otherwise ignored. Anything else is a *FieldError.
//
// The batch's strings are substrings of body where possible, so it keeps body alive.
func Decode(body string) (*Batch, error) {
	first := new(small)
	b := &first.Batch
	b.Visitors = first.visitors[:0]
	r := reader{Parser: jsontext.New(body), slabs: first.slabs(), bytes: len(body)}
	err := r.envelope(b, body, func() {
		r.list("visitors", MaxVisitors, func() {
			if b.Visitors = append(b.Visitors, r.visitor()); len(b.Visitors) == 1 && !r.Failed() {
				r.reserve(b)
			}
		})
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// envelope reads the body, and leaves the value of its member visitors to another.
func (r *reader) envelope(b *Batch, body string, visitors func()) error {
	if at := invalidUTF8(body); at >= 0 {
		return &FieldError{Message: "is not valid UTF-8 at byte " + strconv.Itoa(at)}
	}
	if k := r.Kind(); k != jsontext.Object && k != jsontext.Invalid {
		return &FieldError{Message: "must be a JSON object"}
	}
	var header []byte // behind what b has of it already
	seen := false
	member := func(key string) {
		if key == "visitors" {
			r.once(&seen, key)
			visitors()
			return
		}
		raw := r.Source(func() { b.read(r.Parser, key) })
		header = append(jsontext.AppendQuote(header, key), ':')
		header = append(append(header, raw...), ',')
		if key == "revision" {
			b.RevisionJSON = raw
		}
	}
	if read := r.plainHeader(b); read > 0 {
		r.Resume(read, "visitors", member)
	} else {
		header = append(make([]byte, 0, 256), '{')
		r.Object(member)
	}
	syntax := r.End()
	switch {
	case r.err != nil:
		return r.err
	case syntax != nil:
		return syntaxError(syntax)
	case !seen:
		return &FieldError{Field: "visitors", Message: "is missing"}
	}
	b.header += string(header)
	return nil
}

// read takes a member of the envelope.
func (b *Batch) read(p *jsontext.Parser, key string) {
	switch key {
	case "account_id":
		b.AccountID = p.Text()
	case "project_id":
		b.ProjectID = p.Text()
	case "revision":
		b.Revision = p.Text()
	case "client_name":
		b.ClientName = p.Text()
	case "client_version":
		b.ClientVersion = p.Text()
	case "region":
		b.Region = p.Text()
	case "anonymize_ip":
		b.AnonymizeIP = p.Bool()
	case "enrich_decisions":
		b.EnrichDecisions = p.Bool()
	default:
		p.Skip()
	}
}

func syntaxError(err error) *FieldError {
	at := err.(*jsontext.Error) // as Parser.End promises
	return &FieldError{Field: at.Path, Message: "is not valid JSON at byte " + strconv.Itoa(at.Offset) + ": " + at.Message}
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if r != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
			return i
		}
	}
	return -1
}
