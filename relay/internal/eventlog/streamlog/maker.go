package streamlog

import (
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

// add puts events of an append, by their places, into one record, or where that
// would be too large for a message into several.
func (m *maker) add(p *pending, places []int) error {
	payload := m.payload(p, places)
	const most = 10 // bytes of the length before it
	if len(messageStart)+most+len(payload) > m.max {
		if len(places) == 1 {
			return eventlog.ErrTooLarge
		}
		middle := len(places) / 2
		if err := m.add(p, places[:middle]); err != nil {
			return err
		}
		return m.add(p, places[middle:])
	}
	if m.open != nil && (len(m.open.text)+most+len(payload) > m.max || len(m.open.shares) == maxRecords) {
		m.close()
	}
	if m.open == nil {
		m.open = &flight{text: []byte(messageStart)}
	}
	m.open.text = appendRecord(m.open.text, payload)
	m.open.shares = append(m.open.shares, share{p, places})
	p.flying++
	return nil
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
