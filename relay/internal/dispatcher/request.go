package dispatcher

import (
	"time"

	"sortition/relay/internal/eventlog"
	"sortition/wasm/engine/event"
)

// request is what one POST carries.
type request struct {
	batch    *event.Batch // whose context all visitors share
	visitors []event.Part
	bytes    int // of the visitors

	since time.Time // when the oldest of its records was kept
	// end is what may be committed once the request is settled; zero if its
	// only record goes on in the next one.
	end eventlog.Position
	// spoilt is why the request can never be sent, and text what it would
	// have been; "" for all requests but those of an unreadable record.
	spoilt, text string
	// failing is since when the event API fails on it; zero if it never did.
	failing time.Time
	// proofs is how many times in a row it did so right after it took something else.
	proofs int
}

func (r *request) events() (events int) {
	for _, v := range r.visitors {
		events += v.Events
	}
	return events
}

// body returns the batch as JSON.
func (r *request) body() []byte {
	if r.spoilt != "" {
		return []byte(r.text)
	}
	header := r.batch.AppendHeader(nil)
	body := make([]byte, 0, len(header)+r.bytes+len(r.visitors)+len(event.End))
	body = append(body, header...)
	for i, v := range r.visitors {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, v.Raw...)
	}
	return append(body, event.End...)
}

// halves splits the request in two.
func (r *request) halves() (first, second *request) {
	middle := len(r.visitors) / 2
	half := func(visitors []event.Part) *request {
		return &request{batch: r.batch, visitors: visitors, failing: r.failing}
	}
	return half(r.visitors[:middle]), half(r.visitors[middle:])
}

// planner merges neighbouring records of one project into requests.
type planner struct {
	maxBytes, maxVisitors int
	requests              []*request
}

// add puts a record's visitors, of a batch, into the last request as long as they fit, and
// into new ones from then on.
func (p *planner) add(record eventlog.Record, batch *event.Batch, visitors []event.Part) {
	for _, v := range visitors {
		last := p.last()
		if last == nil || !p.fits(last, batch, v) {
			last = &request{batch: batch, since: record.Received}
			p.requests = append(p.requests, last)
		}
		last.visitors = append(last.visitors, v)
		last.bytes += len(v.Raw) + 1
	}
	p.pass(record.Position)
}

// spoil adds a record that cannot be read.
func (p *planner) spoil(record eventlog.Record, err error) {
	p.requests = append(p.requests, &request{spoilt: err.Error(), text: record.Body, since: record.Received, end: record.Position})
}

// pass lets what comes before the position be committed with the last request.
func (p *planner) pass(at eventlog.Position) {
	if last := p.last(); last != nil {
		last.end = at
	}
}

func (p *planner) last() *request {
	if len(p.requests) == 0 {
		return nil
	}
	return p.requests[len(p.requests)-1]
}

func (p *planner) fits(r *request, batch *event.Batch, v event.Part) bool {
	return r.spoilt == "" && len(r.visitors) < p.maxVisitors &&
		len(r.batch.Context())+r.bytes+len(v.Raw)+1+len(event.End) <= p.maxBytes &&
		(r.batch == batch || r.batch.Context() == batch.Context())
}
