package results

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"sortition/relay/internal/eventlog"
)

// A snapshot is what a book holds, kept in the event log's state of this
// reader and written together with its cursor: so after a crash every event is
// in the one or behind the other, and none in both. The rows of its tallies are
// kept as rows.go says; the head, which is everything else, is gob, in chunks:
// one value of many megabytes would be moved as a whole.
const (
	readerName      = "results"
	snapshotVersion = 2
	headPrefix      = "book/"
	rowsPrefix      = "rows/"
	chunkBytes      = 256 << 10
	// saveEvery is how many bytes of batches are read between two snapshots, or four times as many as the last snapshot had if
	// those are more, but no more than Options.MaxBehind: so that keeping takes a small share of the work, and starting takes a moment.
	saveEvery = 16 << 20
	// idle is how long nothing must have come for a snapshot to be made, or a hundred times as long as the last one took: then
	// it is in nobody's way. A full log, which takes nothing more, may let go of what is counted in one.
	idle = 2 * time.Second
)

// errIdle means that there is something to save and time for it.
var errIdle = errors.New("nothing has come for a while")

// errSnapshot is what a snapshot is that cannot be read.
var errSnapshot = errors.New("the snapshot of the results cannot be read")

type savedBook struct {
	Version int
	Tallies map[string]*savedTally
	Waiting []waiting
}

type savedTally struct {
	Experiments   []savedExperiment
	Events        []string
	Revisions     []string
	Noted         noted
	LogDuplicates int64
	Visitors      int // rows of each table
	Exposures     int
	Conversions   int
}

type savedExperiment struct {
	ID         string
	Variations []string
	Crossovers int64
	Check      Check
	Epochs     epochs
}

// saver keeps a book in a reader's state.
type saver struct {
	reader     eventlog.Reader
	maxBehind  int                       // bytes of batches
	duplicates func(sdkKey string) int64 // that the log dropped since its start
	kept       map[string]uint64         // hash of what the state has under each key
	read, size int                       // bytes: of batches since the last snapshot, and of that
	took       time.Duration             // making that
}

// load returns the book that was saved last, or an empty one.
func (s *saver) load(empty *book) error {
	s.kept, s.size = map[string]uint64{}, 0
	var head bytes.Buffer
	pages := map[string][]byte{}
	err := s.reader.State(func(key string, value []byte) error {
		s.kept[key] = xxhash.Sum64(value)
		s.size += len(value)
		if strings.HasPrefix(key, headPrefix) {
			head.Write(value)
		} else {
			pages[key] = bytes.Clone(value)
		}
		return nil
	})
	if err != nil || head.Len() == 0 {
		return err
	}
	var saved savedBook
	if err := gob.NewDecoder(&head).Decode(&saved); err != nil {
		return fmt.Errorf("%w: %w", errSnapshot, err)
	}
	if saved.Version != snapshotVersion {
		return fmt.Errorf("%w: its version is %d", errSnapshot, saved.Version)
	}
	empty.waiting = saved.Waiting
	for sdkKey, t := range saved.Tallies {
		restored := newTally(empty.maxVisitors, empty.log.With("sdkKey", sdkKey))
		if !restored.restore(sdkKey, t, pages) {
			return fmt.Errorf("%w: its parts do not fit together", errSnapshot)
		}
		restored.noted.Duplicates += t.LogDuplicates - s.duplicates(sdkKey)
		empty.tallies[sdkKey] = restored
	}
	return nil
}

// due tells whether it is time for a snapshot, after so many more bytes.
func (s *saver) due(b *book, bytes int) bool {
	s.read += bytes
	return b.revised || s.read >= min(max(saveEvery, 4*s.size), s.maxBehind)
}

// next returns the next records, or errIdle. A reader that has some asks no context whether they are still wanted.
func (s *saver) next(ctx context.Context) ([]eventlog.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.read == 0 {
		return s.reader.Next(ctx)
	}
	soon, cancel := context.WithTimeout(ctx, max(idle, 100*s.took))
	defer cancel()
	records, err := s.reader.Next(soon)
	if err != nil && ctx.Err() == nil && soon.Err() != nil {
		err = errIdle
	}
	return records, err
}

// snapshot is what a reader's state is to become, and how it differs from what it is.
type snapshot struct {
	changes []eventlog.Entry
	kept    map[string]uint64
	size    int
	began   time.Time
}

// put adds what belongs under a key.
func (n *snapshot) put(s *saver, key string, value []byte) {
	hash := xxhash.Sum64(value)
	n.kept[key] = hash
	n.size += len(value)
	if before, ok := s.kept[key]; !ok || before != hash {
		n.changes = append(n.changes, eventlog.Entry{Key: key, Value: bytes.Clone(value)})
	}
}

// take takes the book as it is now.
func (s *saver) take(b *book) (*snapshot, error) {
	n := &snapshot{kept: make(map[string]uint64, len(s.kept)), began: time.Now()}
	saved := savedBook{Version: snapshotVersion, Tallies: map[string]*savedTally{}, Waiting: b.waiting}
	put := func(key string, value []byte) { n.put(s, key, value) }
	for sdkKey, t := range b.tallies {
		saved.Tallies[sdkKey] = t.saved()
		saved.Tallies[sdkKey].LogDuplicates = s.duplicates(sdkKey)
		visitorRows.pages(sdkKey, &t.visitors.rows, put)
		exposureRows.pages(sdkKey, &t.exposures, put)
		conversionRows.pages(sdkKey, &t.conversions, put)
	}
	var head chunks
	if err := gob.NewEncoder(&head).Encode(saved); err != nil {
		return nil, fmt.Errorf("save the results: %w", err)
	}
	for i, chunk := range head {
		put(fmt.Sprintf("%s%08d", headPrefix, i), chunk)
	}
	for key := range s.kept {
		if _, ok := n.kept[key]; !ok {
			n.changes = append(n.changes, eventlog.Entry{Key: key})
		}
	}
	b.revised = false
	return n, nil
}

// keep writes a snapshot of the book as it was at a position of the log.
func (s *saver) keep(n *snapshot, at eventlog.Position) error {
	if err := s.reader.Commit(at, n.changes...); err != nil {
		return fmt.Errorf("save the results: %w", err)
	}
	s.kept, s.read, s.size, s.took = n.kept, 0, n.size, time.Since(n.began)
	return nil
}

// chunks are what was written to them, cut to pieces of chunkBytes: a buffer that grows would take it several times over.
type chunks [][]byte

// Write implements io.Writer.
func (c *chunks) Write(text []byte) (int, error) {
	written := len(text)
	for len(text) > 0 {
		if last := len(*c) - 1; last < 0 || len((*c)[last]) == chunkBytes {
			*c = append(*c, make([]byte, 0, chunkBytes))
		}
		last := &(*c)[len(*c)-1]
		n := min(len(text), chunkBytes-len(*last))
		*last = append(*last, text[:n]...)
		text = text[n:]
	}
	return written, nil
}

func (t *tally) saved() *savedTally {
	saved := &savedTally{
		Events:      names(t.eventIndex),
		Revisions:   names(t.revisionIndex),
		Noted:       t.noted,
		Visitors:    t.visitors.rows.len(),
		Exposures:   t.exposures.len(),
		Conversions: t.conversions.len(),
	}
	for i, id := range names(t.experimentIndex) {
		x := t.experiments[i]
		saved.Experiments = append(saved.Experiments, savedExperiment{id, names(x.variationIndex), x.crossovers, x.check, x.epochs})
	}
	return saved
}

// restore makes a new tally what a saved one was; false if that makes no sense.
func (t *tally) restore(sdkKey string, saved *savedTally, pages map[string][]byte) bool {
	var visitors, exposures, conversions bool
	t.visitors.rows, visitors = visitorRows.restore(sdkKey, saved.Visitors, pages)
	t.exposures, exposures = exposureRows.restore(sdkKey, saved.Exposures, pages)
	t.conversions, conversions = conversionRows.restore(sdkKey, saved.Conversions, pages)
	if !visitors || !exposures || !conversions || t.exposures.len() == 0 || t.conversions.len() == 0 {
		return false
	}
	t.visitors.grow()
	t.eventIndex, t.revisionIndex, t.noted = indexOf(saved.Events), indexOf(saved.Revisions), saved.Noted
	for i, e := range saved.Experiments {
		x := newExperiment()
		x.variationIndex, x.crossovers, x.check, x.epochs = indexOf(e.Variations), e.Crossovers, e.Check, e.Epochs
		for at, p := range x.epochs.Periods {
			for _, revision := range p.Revisions {
				x.epochs.index(t.revision(revision), at)
			}
		}
		t.experimentIndex[e.ID] = uint32(i) //nolint:gosec // below maxIndices
		t.experiments = append(t.experiments, x)
	}
	if !t.sound() {
		return false
	}
	for i := 1; i < t.exposures.len(); i++ {
		t.enter(uint32(i), never) //nolint:gosec // bounded by maxVisitors
	}
	return true
}

// sound tells whether every index leads somewhere, and every chain to its end.
func (t *tally) sound() bool {
	for i, e := range t.exposures.all() {
		if i > 0 && (int(e.Experiment) >= len(t.experiments) || int(e.Visitor) >= t.visitors.rows.len() || e.Next >= i) {
			return false
		}
	}
	for i, n := range t.conversions.all() {
		if i > 0 && (int(n.Next) >= t.conversions.len() || n.Next != 0 && !n.after(t.conversions.at(n.Next))) {
			return false
		}
	}
	for _, v := range t.visitors.rows.all() {
		if int(v.Exposure) >= t.exposures.len() || int(v.Conversion) >= t.conversions.len() {
			return false
		}
	}
	return true
}

func indexOf(names []string) map[string]uint32 {
	of := make(map[string]uint32, len(names))
	for i, name := range names {
		of[name] = uint32(i) //nolint:gosec // below maxIndices
	}
	return of
}

// bytesOf is how much there is in records.
func bytesOf(records []eventlog.Record) (n int) {
	for i := range records {
		n += len(records[i].Body)
	}
	return n
}
