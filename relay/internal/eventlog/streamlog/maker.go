package streamlog

import (
	"fmt"
	"time"

	"sortition/relay/internal/eventlog"
)

// maker makes messages of appends: as few as their size allows.
type maker struct {
	max     int // bytes of a message
	now     time.Time
	flights []*flight
	open    *flight
}

// piece is a record that fits into a message.
type piece struct {
	payload []byte
	places  []int // of its events in the append's batch
}

// lengthBytes is what the length before a record takes at most.
const lengthBytes = 10

// add puts events of an append, by their places, into one record, or where that
// would be too large for a message into several: all of them, or none.
func (m *maker) add(p *pending, places []int) error {
	pieces, err := m.cut(nil, p, places)
	if err != nil {
		return err
	}
	for _, one := range pieces {
		m.put(p, one)
	}
	return nil
}

// cut appends the records of some events of an append.
func (m *maker) cut(pieces []piece, p *pending, places []int) ([]piece, error) {
	payload := m.payload(p, places)
	switch size := len(messageStart) + lengthBytes + len(payload); {
	case size <= m.max:
		return append(pieces, piece{payload, places}), nil
	case len(places) == 1:
		return nil, fmt.Errorf("%w: one of its events takes %d bytes, and NATS %d in a message (max_payload)", eventlog.ErrTooLarge, size, m.max)
	}
	middle := len(places) / 2
	pieces, err := m.cut(pieces, p, places[:middle])
	if err != nil {
		return nil, err
	}
	return m.cut(pieces, p, places[middle:])
}

// put adds a record to the open message, or to a new one.
func (m *maker) put(p *pending, one piece) {
	if m.open != nil && (len(m.open.text)+lengthBytes+len(one.payload) > m.max || len(m.open.shares) == maxRecords) {
		m.close()
	}
	if m.open == nil {
		m.open = &flight{text: []byte(messageStart)}
	}
	m.open.text = appendRecord(m.open.text, one.payload)
	m.open.shares = append(m.open.shares, share{p, one.places})
	p.flying++
}

// payload is the record of some events of an append.
func (m *maker) payload(p *pending, places []int) []byte {
	r := eventlog.Record{Received: m.now, SDKKey: p.batch.SDKKey, ProjectID: p.batch.Events.ProjectID, Body: p.batch.Body}
	ids := p.ids
	if len(places) < len(p.ids) {
		chosen := make([]bool, len(p.ids))
		ids = make([]uint64, 0, len(places))
		for _, place := range places {
			chosen[place] = true
			ids = append(ids, p.ids[place])
		}
		r.Body = string(eventlog.AppendFresh(nil, p.batch.Events, chosen))
	}
	return eventlog.AppendPayload(make([]byte, 0, len(r.Body)+8*len(ids)+128), r, ids)
}

// close makes the open message one that can be sent.
func (m *maker) close() {
	if m.open != nil {
		m.flights = append(m.flights, m.open)
		m.open = nil
	}
}
