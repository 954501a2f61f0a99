package eventlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

const (
	readRecords = 1000    // at most so many records a Next,
	readBytes   = 1 << 20 // and none beyond so many bytes of them
)

// ErrReaderVoid is what Commit returns for good once another reader of the name was opened, or what was committed
// last has been lost. A reader that is opened anew goes on from what is there.
var ErrReaderVoid = errors.New("the reader is void")

// Reader reads a log from a place it remembers. It belongs to one goroutine.
type Reader interface {
	// Next returns the next records in order, at least one; it waits until
	// there is one or ctx ends. Damaged records are passed over, which the log tells.
	Next(ctx context.Context) ([]Record, error)
	// Commit remembers, durably, that everything up to the position is dealt
	// with: a reader of the same name that is opened later begins there. The
	// changes to the reader's state are made in the same step: a crash leaves
	// both or neither, so what is counted in it is counted once. At position
	// zero the state is dropped.
	Commit(at Position, changes ...Entry) error
	// State calls visit with every entry of the state, in the order of their
	// keys, as the last Commit left it. A value is good until visit returns.
	State(visit func(key string, value []byte) error) error
	// Position is behind the last record that Next returned; before the first
	// Next it is where the reader begins.
	Position() Position
	// Close releases what the reader holds. What is not committed is read
	// again by the next one.
	Close() error
}

// Entry is one of a reader's state: what it has to remember together with how
// far it has read. As a change, one without a value removes the key's.
type Entry struct {
	Key   string // not empty
	Value []byte
}

// Reader returns a reader that begins where the last Commit under its name
// was, or at the start. An empty name begins at the start, and commits nothing.
func (l *Log) Reader(name string) (Reader, error) {
	r := &reader{log: l, name: name}
	if name == "" {
		return r, nil
	}
	at, err := loadCursor(l.state, name)
	if err != nil {
		return nil, fmt.Errorf("cursor of reader %s: %w", name, err)
	}
	r.at = at
	return r, nil
}

// Pending returns how many bytes of records lie behind the position.
func (l *Log) Pending(at Position) int64 { return l.behind(at) }

type reader struct {
	log  *Log
	name string
	at   Position

	file   *os.File // nil if none is open
	number uint32   // of the segment that file is; r.at may have gone on by what is recent
	scan   scanner
}

func (r *reader) Next(ctx context.Context) ([]Record, error) {
	for {
		end, grown := r.log.watch()
		if r.at < end {
			records, err := r.read(end)
			if err != nil {
				r.Close() //nolint:errcheck // so that the next call begins at r.at again
				return nil, fmt.Errorf("read event log at %v: %w", r.at, err)
			}
			if len(records) > 0 {
				return records, nil
			}
			continue
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (r *reader) Commit(at Position, changes ...Entry) error {
	if r.name == "" {
		return nil
	}
	if err := saveCursor(r.log.state, r.name, at, changes); err != nil {
		return fmt.Errorf("commit of reader %s: %w", r.name, err)
	}
	r.log.noteCommit(r.name, at)
	return nil
}

func (r *reader) State(visit func(key string, value []byte) error) error {
	if err := loadState(r.log.state, r.name, visit); err != nil {
		return fmt.Errorf("state of reader %s: %w", r.name, err)
	}
	return nil
}

func (r *reader) Position() Position { return r.at }

func (r *reader) Close() error {
	if r.file == nil {
		return nil
	}
	file := r.file
	r.file = nil
	return file.Close()
}

// read returns the next records, as they were appended or from the segment it
// is in; none means that it went on to the next one, or to the end.
func (r *reader) read(end Position) ([]Record, error) {
	if records := r.log.recentAfter(r.at); len(records) > 0 {
		r.at = records[len(records)-1].Position
		return records, nil
	}
	current, ok := r.log.segmentFrom(r.at.segment())
	if !ok {
		r.at = end // all up to there has gone
		return nil, nil
	}
	if err := r.enter(current); err != nil {
		return nil, err
	}
	var records []Record
	for bytes := 0; len(records) < readRecords && bytes < readBytes; {
		p, err := r.scan.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		bytes += len(p.body)
		records = append(records, p.record(position(current.number, r.scan.offset)))
	}
	r.at = position(current.number, r.scan.offset)
	if len(records) == 0 {
		r.leave(current)
	}
	return records, nil
}

// enter makes current the segment that is read, up to what is safe of it by now.
func (r *reader) enter(current segment) error {
	if r.file != nil && r.number == current.number && r.at.segment() == current.number {
		r.scan.offset, r.scan.end = r.at.offset(), current.size
		return nil
	}
	if err := r.Close(); err != nil {
		return err
	}
	file, err := os.Open(segmentPath(r.log.dir, current.number))
	if errors.Is(err, fs.ErrNotExist) {
		r.at = position(current.number, current.size) // removed by hand
		r.scan = scanner{offset: current.size, end: current.size}
		return nil
	}
	if err != nil {
		return err
	}
	if r.at.segment() < current.number {
		r.at = position(current.number, segmentHeader)
	}
	r.file, r.number = file, current.number
	r.scan = scanner{file: file, offset: max(r.at.offset(), segmentHeader), end: current.size, window: r.scan.window[:0]}
	r.scan.damaged = func(offset, bytes int64) { r.log.noteDamage(current.number, offset, bytes) }
	return nil
}

// leave goes on to the next segment if there is one.
func (r *reader) leave(current segment) {
	if next, ok := r.log.segmentFrom(current.number + 1); ok {
		r.at = position(next.number, segmentHeader)
		r.Close() //nolint:errcheck // it was only read
	}
}
