package eventlog

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"
)

const (
	// groupBytes bounds what is written and synced at once, a single larger record aside.
	groupBytes = 4 << 20
	// probeBytes is what must fit on a disk that was full for it to be called
	// usable again.
	probeBytes = 64 << 10
	// maxCountedProjects bounds the table behind Duplicates: who posts can
	// make up project ids.
	maxCountedProjects = 1000
)

// pending is an Append that waits for its commit. Run owns it until done is closed.
type pending struct {
	ctx     context.Context //nolint:containedctx // it is the Append's, and only looked at
	batch   Batch
	ids     []uint64 // one per event, in order
	fresh   []bool   // by the same index: the event is stored by this Append
	receipt Receipt
	err     error
	done    chan struct{}
}

func newPending(ctx context.Context, b Batch) *pending {
	return &pending{ctx: ctx, batch: b, ids: EventIDs(b.Events), done: make(chan struct{})}
}

// Run writes what is appended until ctx ends, then what is queued, and
// returns. Appends wait until it runs.
func (l *Log) Run(ctx context.Context) error {
	defer close(l.stopped)
	var group []*pending
	var buffer []byte
	probe := time.NewTicker(l.options.ProbeInterval)
	defer probe.Stop()
	for {
		select {
		case first := <-l.queue:
			runtime.Gosched() // who is about to append joins: a sync takes as much for few as for many
			group = l.gather(append(group[:0], first))
			l.watched(func() { buffer = l.commit(group, buffer) })
		case <-probe.C:
			l.watched(func() {
				l.probe()
				l.retain(l.options.Now())
			})
		case <-ctx.Done():
			for group = l.gather(group[:0]); len(group) > 0; group = l.gather(group[:0]) {
				buffer = l.commit(group, buffer)
			}
			return nil
		}
	}
}

// errSilent is the failure of a disk that does not come back, as one in the network may: whatever asks it waits, with or without an end.
var errSilent = errors.New("the disk does not answer")

// watched does what may wait for the disk. If that takes too long the log has failed, until a write or a probe is through.
func (l *Log) watched(do func()) {
	watch := time.AfterFunc(l.options.MaxSilence, func() { l.setFailure(errSilent) })
	defer watch.Stop()
	do()
}

// gather adds what else is queued, without waiting.
func (l *Log) gather(group []*pending) []*pending {
	bytes := 0
	for _, p := range group {
		bytes += len(p.batch.Body)
	}
	for bytes < groupBytes {
		select {
		case p := <-l.queue:
			group = append(group, p)
			bytes += len(p.batch.Body)
		default:
			return group
		}
	}
	return group
}

// commit stores a group and tells everyone in it. It returns the buffer for
// the next one.
func (l *Log) commit(group []*pending, buffer []byte) []byte {
	now := l.options.Now()
	l.known.expire(now)
	data := buffer[:0]
	for _, p := range group {
		data = l.admit(p, data, now)
	}
	if len(data) > 0 {
		l.store(group, data, now)
	}
	l.countDuplicates(group)
	l.counters.count(group)
	for _, p := range group {
		close(p.done)
	}
	clear(group)
	if cap(data) > groupBytes/2 {
		return nil // a burst is over sooner than its memory would be
	}
	return data
}

// admit appends the record of those events of p that are not known.
func (l *Log) admit(p *pending, data []byte, now time.Time) []byte {
	if p.err = p.ctx.Err(); p.err != nil {
		return data
	}
	ids := l.ids[:0]
	defer func() { l.ids = ids }()
	p.fresh = make([]bool, len(p.ids))
	for i, id := range p.ids {
		if p.fresh[i] = l.known.add(id, now); p.fresh[i] {
			ids = append(ids, id)
		} else if len(p.receipt.Repeated) < maxRepeated {
			p.receipt.Repeated = append(p.receipt.Repeated, i)
		}
	}
	p.receipt.Duplicates = len(p.ids) - len(ids)
	if len(ids) == 0 {
		return data
	}
	record, start := p.record(now), len(data)
	data = appendFrame(data, func(dst []byte) []byte { return AppendPayload(dst, record, ids) })
	if p.err = l.checkSize(len(data), len(data)-start); p.err != nil {
		l.known.forgetNewest(len(ids))
		p.receipt = Receipt{}
		return data[:start]
	}
	p.receipt.Fresh = len(ids)
	record.Position = Position(len(data)) // from where the group will begin
	l.fresh = append(l.fresh, record)
	return data
}

// record returns what is stored of p, and what readers get: its batch, without the duplicates.
func (p *pending) record(now time.Time) Record {
	r := Record{
		Received:  time.UnixMilli(now.UnixMilli()),
		SDKKey:    p.batch.SDKKey,
		ProjectID: p.batch.Events.ProjectID,
		Events:    len(p.ids) - p.receipt.Duplicates,
	}
	if p.receipt.Duplicates == 0 {
		r.Body, r.decoded = p.batch.Body, p.batch.Events
	} else {
		r.Body = string(AppendFresh(nil, p.batch.Events, p.fresh))
	}
	return r
}

// checkSize refuses what would exceed a bound, given the size of the group and
// of its last record.
func (l *Log) checkSize(group, record int) error {
	if record > frameHeader+maxPayload {
		return ErrTooLarge
	}
	need := segmentHeader + int64(group)
	l.makeRoom(need)
	l.tellCrowded(need)
	if !l.fits(need) {
		return ErrFull
	}
	return nil
}

// tellCrowded tells that MaxBytes leaves no room for n bytes, and when there is more than a little again.
func (l *Log) tellCrowded(n int64) {
	switch {
	case !l.crowded && !l.fits(n):
		l.crowded = true
		l.options.Logger.Error("the event log refuses events: it is as large as it may get, and consumers have not dealt with what is in it",
			"bytes", l.Size(), "max", l.options.MaxBytes)
	case l.crowded && l.fits(n+l.options.SegmentBytes/2):
		l.crowded = false
		l.options.Logger.Info("the event log takes events again")
	}
}

// store writes the data of a group, whose records are l.fresh. If that fails, so
// does everyone in the group who has an event in it; a duplicate of what was
// safe before is still safe.
func (l *Log) store(group []*pending, data []byte, now time.Time) {
	defer func() {
		clear(l.fresh)
		l.fresh = l.fresh[:0]
	}()
	l.rotate(now)
	l.freeDisk(int64(len(data)))
	began := time.Now()
	written, err := l.writer.write(data)
	l.counters.syncs.Add(1)
	l.counters.syncTime.Add(int64(time.Since(began)))
	l.setFailure(err)
	if err == nil {
		written.newest = now
		l.addSize(written, now)
		for i := range l.fresh {
			l.fresh[i].Position += position(written.number, written.size-int64(len(data)))
		}
		l.publish(written, l.fresh)
		return
	}
	for _, record := range l.fresh {
		l.known.forgetNewest(record.Events)
	}
	for _, p := range group {
		if p.err == nil && !l.safe(p) {
			p.receipt, p.err = Receipt{}, *l.failure.Load()
		}
	}
}

func (l *Log) safe(p *pending) bool {
	for _, id := range p.ids {
		if !l.known.has(id) {
			return false
		}
	}
	return true
}

// addSize counts what a write added, the header of a new segment included.
func (l *Log) addSize(written segment, now time.Time) {
	before := int64(0)
	if last, ok := l.segmentFrom(written.number); ok {
		before = last.size
	} else {
		l.begun = now
	}
	l.size.Add(written.size - before)
}

func (l *Log) countDuplicates(group []*pending) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range group {
		if p.receipt.Duplicates == 0 {
			continue
		}
		of := project{p.batch.SDKKey, p.batch.Events.ProjectID}
		if _, counted := l.duplicates[of]; counted || len(l.duplicates) < maxCountedProjects {
			l.duplicates[of] += p.receipt.Duplicates
		}
	}
}

// probe ends a failure as soon as the disk takes data again, and begins one when
// others have filled the disk to the last byte, or deleted the folder: until
// something comes, or even then, nobody else would notice.
func (l *Log) probe() {
	if l.failure.Load() != nil {
		l.freeDisk(probeBytes)
		l.setFailure(l.writer.probe())
		return
	}
	if l.writer.deleted() {
		l.closeSegment()
	}
	l.freeDisk(1)
	if err := l.writer.room(1); err != nil {
		l.setFailure(err)
	}
}

// setFailure notes how the last write went, and logs it when that changes.
func (l *Log) setFailure(cause error) {
	failed := l.failure.Load() != nil
	if cause == nil {
		if failed {
			l.failure.Store(nil)
			l.options.Logger.Info("the event log takes events again")
		}
		return
	}
	kind := ErrUnavailable
	if isFull(cause) {
		kind = ErrFull
	}
	err := fmt.Errorf("%w: %w", kind, cause)
	l.failure.Store(&err)
	if !failed {
		l.options.Logger.Error("the event log refuses events", "err", cause)
	}
}

// isFull tells whether it is room that the disk lacks; one that cannot be asked may have it.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
