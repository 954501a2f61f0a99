package eventlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"sortition/wasm/engine/event"
)

// Record is one batch as the log keeps it.
type Record struct {
	Position  Position  // just behind the record: what to commit once it is dealt with
	Received  time.Time // when it was appended, to the millisecond
	SDKKey    string    // "" when the post named none
	ProjectID string    // the batch's project_id
	Events    int       // how many events Body holds
	Body      string    // the batch as JSON

	decoded *event.Batch // Body, if the log has it still
}

// Decode returns the batch that Body is. Others may share it: it must not be changed.
func (r *Record) Decode() (*event.Batch, error) {
	if r.decoded != nil {
		return r.decoded, nil
	}
	return event.Decode(r.Body)
}

// Parts returns the batch that Body is without its visitors, and these as parts, which takes less than to decode them.
func (r *Record) Parts() (*event.Batch, []event.Part, error) {
	if r.decoded != nil {
		return r.decoded, r.decoded.Parts(), nil
	}
	return event.DecodeParts(r.Body)
}

const (
	recordMark = "EVT"
	minPayload = len(recordMark) + 1 + 8 + 3 // the three lengths take a byte at least
)

// The versions of a record: with its body as it is, or packed.
const (
	plainVersion  = 1
	packedVersion = 2
)

// errVersion is the error of data a newer relay wrote.
var errVersion = errors.New("written by a newer relay")

// errPayload is what a payload is whose checksum holds but whose content does not.
var errPayload = errors.New("malformed record")

// AppendPayload appends a record's payload, as the package's comment describes
// it. ids are those of the events in the record's Body.
func AppendPayload(dst []byte, r Record, ids []uint64) []byte {
	start := len(dst)
	dst = append(append(dst, recordMark...), plainVersion)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(r.Received.UnixMilli())) //nolint:gosec // two's complement both ways
	dst = append(binary.AppendUvarint(dst, uint64(len(r.SDKKey))), r.SDKKey...)
	dst = append(binary.AppendUvarint(dst, uint64(len(r.ProjectID))), r.ProjectID...)
	dst = binary.AppendUvarint(dst, uint64(len(ids)))
	for _, id := range ids {
		dst = binary.LittleEndian.AppendUint64(dst, id)
	}
	dst, packed := appendPacked(dst, r.Body)
	if packed {
		dst[start+len(recordMark)] = packedVersion
	}
	return dst
}

// payload is a record's content; all its parts point into the bytes it was decoded from.
type payload struct {
	received          time.Time
	sdkKey, projectID []byte
	ids               []byte // 8 bytes each
	body              []byte
	packed            bool // body is
}

func (p *payload) events() int     { return len(p.ids) / 8 }
func (p *payload) id(i int) uint64 { return binary.LittleEndian.Uint64(p.ids[8*i:]) }

// record copies the payload of a record that ends at a position.
func (p *payload) record(at Position) Record {
	return Record{
		Position:  at,
		Received:  p.received,
		SDKKey:    string(p.sdkKey),
		ProjectID: string(p.projectID),
		Events:    p.events(),
		Body:      string(p.body),
	}
}

// decodePayload reads what AppendPayload makes, but leaves the body as it is.
func decodePayload(b []byte) (payload, error) {
	if len(b) < minPayload || string(b[:len(recordMark)]) != recordMark {
		return payload{}, errPayload
	}
	version := b[len(recordMark)]
	if version != plainVersion && version != packedVersion {
		return payload{}, fmt.Errorf("record version %d: %w", version, errVersion)
	}
	b = b[len(recordMark)+1:]
	p := payload{received: time.UnixMilli(int64(binary.LittleEndian.Uint64(b))), packed: version == packedVersion} //nolint:gosec // as above
	b = b[8:]
	for _, part := range []struct {
		field *[]byte
		unit  uint64
	}{{&p.sdkKey, 1}, {&p.projectID, 1}, {&p.ids, 8}} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size)/part.unit {
			return payload{}, errPayload
		}
		b = b[size:]
		*part.field, b = b[:n*part.unit], b[n*part.unit:]
	}
	p.body = b
	return p, nil
}
