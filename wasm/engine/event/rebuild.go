package event

import (
	"slices"

	"sortition/wasm/engine/internal/jsontext"
)

// End closes what AppendEnvelope or AppendHeader opened.
const End = "]}"

// Context returns what all visitors of a decoded batch share: account, project, revision, client, region, settings, and
// whatever else its sender put beside the visitors. Visitors of batches with equal contexts may be merged into one batch.
func (b *Batch) Context() string { return b.header }

// AppendHeader appends a decoded batch up to and including `"visitors":[`, every member as its sender wrote it. After it go
// visitors, of this batch or of any with the same Context, and End.
func (b *Batch) AppendHeader(dst []byte) []byte {
	return append(append(dst, b.header...), `"visitors":[`...)
}

// AppendVisitors appends the visitors of a decoded batch that have an event to keep, as their senders wrote them, with the
// commas between them and after visitors that dst ends in. keep is called once per event, in order; nil keeps everything.
// Snapshots without an event to keep are left out, and so are their decisions.
func (b *Batch) AppendVisitors(dst []byte, keep func(*Event) bool) []byte {
	var kept []bool // of one visitor's events, in order
	for i := range b.Visitors {
		v := &b.Visitors[i]
		var some, all bool
		if kept, some, all = v.choose(kept[:0], keep); !some {
			continue
		}
		dst = appendComma(dst)
		if all {
			dst = append(dst, v.Raw...)
		} else {
			dst = appendKept(dst, v, kept)
		}
	}
	return dst
}

// choose asks keep about each event of v. A visitor without events is kept by a nil keep only.
func (v *Visitor) choose(kept []bool, keep func(*Event) bool) (chosen []bool, some, all bool) {
	if keep == nil {
		return kept, true, true
	}
	all = true
	for i := range v.Snapshots {
		events := v.Snapshots[i].Events
		for j := range events {
			k := keep(&events[j])
			kept = append(kept, k)
			some, all = some || k, all && k
		}
	}
	return kept, some, all
}

// appendKept writes v with only the kept events. It walks the source text again, which is rare (a batch sent twice is mostly
// dropped as a whole) and so cheaper than remembering where everything was.
func appendKept(dst []byte, v *Visitor, kept []bool) []byte {
	p := jsontext.New(v.Raw)
	return appendMembers(dst, p, "snapshots", func(dst []byte) []byte {
		dst = append(dst, '[')
		p.Array(func(i int) {
			n := len(v.Snapshots[i].Events)
			dst = appendSnapshot(dst, p, kept[:n])
			kept = kept[n:]
		})
		return append(dst, ']')
	})
}

// appendSnapshot consumes a snapshot and writes it with only the kept events, or not at all.
func appendSnapshot(dst []byte, p *jsontext.Parser, kept []bool) []byte {
	if !slices.Contains(kept, true) {
		p.Skip()
		return dst
	}
	dst = appendComma(dst)
	if !slices.Contains(kept, false) {
		return append(dst, p.Raw()...)
	}
	return appendMembers(dst, p, "events", func(dst []byte) []byte {
		dst = append(dst, '[')
		p.Array(func(i int) {
			raw := p.Raw()
			if kept[i] {
				dst = append(appendComma(dst), raw...)
			}
		})
		return append(dst, ']')
	})
}

// appendMembers consumes an object and writes it, leaving the value of the member named special to value.
func appendMembers(dst []byte, p *jsontext.Parser, special string, value func(dst []byte) []byte) []byte {
	dst = append(dst, '{')
	p.Object(func(key string) {
		dst = append(jsontext.AppendQuote(appendComma(dst), key), ':')
		if key == special {
			dst = value(dst)
		} else {
			dst = append(dst, p.Raw()...)
		}
	})
	return append(dst, '}')
}

// appendComma appends a comma unless dst ends where a list or object begins.
func appendComma(dst []byte) []byte {
	if n := len(dst); n == 0 || dst[n-1] == '[' || dst[n-1] == '{' {
		return dst
	}
	return append(dst, ',')
}
