package streamlog

import (
	"encoding/binary"
	"errors"
	"fmt"

	"sortition/relay/internal/eventlog"
)

const (
	messageStart = "EVS\x01"
	// maxRecords bounds those of one message: a Position has 16 bits for the place.
	maxRecords = 1<<16 - 2
	// afterAll is the place behind every record of a message.
	afterAll = 1<<16 - 1
)

// errMessage is what a message is that no relay of this version wrote.
var errMessage = errors.New("malformed message, or one of a newer relay")

// position is behind the record of a place, from 0, in a message.
func position(sequence uint64, place int) eventlog.Position {
	return eventlog.Position(sequence<<16 | uint64(place+1)) //nolint:gosec // at most maxRecords
}

// behindMessage is the position behind all of a message.
func behindMessage(sequence uint64) eventlog.Position {
	return eventlog.Position(sequence<<16 | afterAll)
}

// sequence is that of the message a position lies in or behind.
func sequence(at eventlog.Position) uint64 { return uint64(at) >> 16 }

// record is one of a message, with what stands for its events.
type record struct {
	eventlog.Record
	ids []uint64
}

// appendRecord appends a record to a message, which begins as messageStart.
func appendRecord(dst []byte, payload []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(payload))), payload...)
}

// decodeMessage returns the records of a message.
func decodeMessage(sequence uint64, b []byte) (records []record, err error) {
	if len(b) < len(messageStart) || string(b[:len(messageStart)]) != messageStart {
		return nil, errMessage
	}
	for b = b[len(messageStart):]; len(b) > 0; {
		length, size := binary.Uvarint(b)
		if size <= 0 || length > uint64(len(b)-size) || len(records) == maxRecords {
			return nil, errMessage
		}
		b = b[size:]
		var r record
		if r.Record, r.ids, err = eventlog.DecodePayload(b[:length]); err != nil {
			return nil, fmt.Errorf("%w: record %d: %w", errMessage, len(records), err)
		}
		r.Position = position(sequence, len(records))
		records = append(records, r)
		b = b[length:]
	}
	return records, nil
}
