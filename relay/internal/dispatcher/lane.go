package dispatcher

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"sortition/relay/internal/eventlog"
)

// A lane that passes over other projects' records commits that only after so
// many bytes or so long: a commit costs a sync, and to pass over again costs
// nothing.
const (
	passBytes = 1 << 20
	passTime  = time.Minute
)

// reopen is the pause after a reader that is void. Where it is another relay's
// turn, this one knows by then.
const reopen = time.Second

// manyBytes is how much of the log, or of the batches read from it, is worth a
// request of its own at once.
const manyBytes = 512 << 10

// lane delivers the events of one project, one request at a time.
type lane struct {
	options Options
	project Project
	reader  eventlog.Reader
	poster  poster
	log     *slog.Logger

	committed   eventlog.Position
	void        bool      // the reader is
	unnoted     bool      // the last commit failed, which was told
	buried      buried    // since that was told
	passedBytes int       // since the last commit, or more
	committedAt time.Time // when that was

	window []*request        // of the records that are being delivered
	ahead  []eventlog.Record // read, but not their turn yet
	blamed time.Time         // when a request was last found to be to blame

	waits  time.Time // since when for a datafile, for the first time
	gaveUp bool      // it waited long enough

	mu      sync.Mutex
	status  Status
	leads   bool              // it delivers, and not another relay
	settled eventlog.Position // up to here nothing is left to do
}

// run delivers until ctx ends.
func (l *lane) run(ctx context.Context) {
	for failed := 0; ctx.Err() == nil; {
		reader, err := l.options.Log.Reader(ReaderName(l.project.SDKKey))
		if err == nil {
			l.noteRead(failed)
			failed = 0
			l.follow(ctx, reader)
			pause(ctx, reopen)
			continue
		}
		l.retryLater(ctx, failed, outcome{reason: err.Error()})
		failed++
	}
}

// follow delivers what a reader brings until ctx ends, or the reader is void.
func (l *lane) follow(ctx context.Context, reader eventlog.Reader) {
	defer reader.Close() //nolint:errcheck // it only read
	l.begin(reader)
	defer l.end()
	for failed := 0; ctx.Err() == nil && !l.void; {
		records, err := l.next(ctx)
		switch {
		case err == nil:
			l.noteRead(failed)
			failed = 0
			if !l.awaitDatafile(ctx, records) {
				continue
			}
			looks := looksAtOthers
			if l.deliver(ctx, records) {
				looks = looksAtOwn
			}
			if bytesOf(records) < manyBytes {
				l.gather(ctx, looks)
			}
		case ctx.Err() == nil:
			l.retryLater(ctx, failed, outcome{reason: err.Error()})
			failed++
		}
	}
	if !l.void {
		_, settled, _ := l.snapshot()
		l.commit(settled)
	}
}

// begin makes a reader the lane's own, until end.
func (l *lane) begin(reader eventlog.Reader) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reader, l.leads, l.void, l.ahead = reader, true, false, nil
	l.settled, l.committed = reader.Position(), reader.Position()
}

func (l *lane) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leads = false
	l.status.Oldest, l.status.Refused, l.status.Attempts, l.status.NextRetry = time.Time{}, 0, 0, time.Time{}
}

// How often a lane that gathers looks whether there are many events by now. Where a thousand projects share a log nearly all that comes is
// others', and it is not worth it.
const (
	looksAtOwn    = 10
	looksAtOthers = 1
)

// gather waits until there are many events, but not for long.
func (l *lane) gather(ctx context.Context, looks int) {
	for range looks {
		if ctx.Err() != nil || l.options.Log.Pending(l.reader.Position()) >= manyBytes {
			return
		}
		pause(ctx, l.options.Gather/time.Duration(looks))
	}
}

// deliver settles what of the records is the project's, or as much of it as it
// can before ctx ends, and tells whether anything was.
func (l *lane) deliver(ctx context.Context, records []eventlog.Record) (some bool) {
	l.window = l.plan(records)
	defer func() { l.window = nil }() // it is large, and it may be long until the next
	for _, r := range l.window {
		l.noteOldest(r.since)
		settled := l.settle(ctx, r)
		l.tellBuried()
		if !settled {
			return true
		}
		l.moveTo(r.end)
		if l.commit(r.end); l.void {
			return true
		}
	}
	l.noteOldest(time.Time{})
	l.pass(records)
	return len(l.window) > 0
}

// plan makes requests of the project's records; what is unreadable goes to
// the dead letters by way of a request of its own.
func (l *lane) plan(records []eventlog.Record) []*request {
	p := planner{maxBytes: l.options.MaxBytes, maxVisitors: l.options.MaxVisitors}
	for _, record := range records {
		if !l.owns(record) {
			p.pass(record.Position)
			continue
		}
		// The log was given only batches that could be decoded.
		batch, visitors, err := record.Parts()
		if err != nil {
			p.spoil(record, err)
			continue
		}
		p.add(record, batch, visitors)
	}
	return p.requests
}

func (l *lane) owns(record eventlog.Record) bool {
	own := record.SDKKey == l.project.SDKKey
	if record.SDKKey == "" {
		own = l.project.Owns(record.ProjectID)
	}
	return own && l.project.URL() != ""
}

// settle returns true when every visitor of the request was delivered or is
// among the dead letters, and false when ctx ended before.
func (l *lane) settle(ctx context.Context, r *request) bool {
	for attempt := 0; ctx.Err() == nil; attempt++ {
		answer := l.judge(ctx, r, l.try(ctx, r))
		switch {
		case answer.delivered():
			l.noteDelivered(r.events())
			return true
		case answer.bad() && len(r.visitors) > 1:
			l.noteSettled()
			first, second := r.halves()
			return l.settle(ctx, first) && l.settle(ctx, second)
		case answer.never():
			err := l.bury(r, answer)
			if err == nil {
				return true
			}
			answer.reason = err.Error()
		}
		l.retryLater(ctx, attempt, answer)
	}
	return false
}

func (l *lane) try(ctx context.Context, r *request) outcome {
	if err := ctx.Err(); err != nil { // the grace is for what is under way, and not again for each request that would follow
		return outcome{reason: err.Error()}
	}
	if r.spoilt != "" {
		return outcome{status: http.StatusBadRequest, reason: r.spoilt}
	}
	// The upstream may be another than last time: it can depend on a datafile.
	answer := l.poster.post(ctx, l.project.URL(), r.body())
	if !answer.delivered() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.status.Failures++
	}
	return answer
}

// bury puts the request among the dead letters.
func (l *lane) bury(r *request, answer outcome) error {
	err := l.options.Letters.Put(Letter{
		Time:    time.Now().UTC(),
		SDKKey:  l.project.SDKKey,
		Status:  answer.status,
		Reason:  answer.reason,
		Events:  r.events(),
		Request: string(r.body()),
	})
	if err != nil {
		return err
	}
	l.buried.letters++
	l.buried.events += r.events()
	l.buried.answer = answer
	l.noteRefused(answer)
	return nil
}

// buried is what of a request has become dead letters: one, or one for each of its visitors.
type buried struct {
	letters, events int
	answer          outcome // the last
}

// tellBuried tells the operator of what is for them to look at.
func (l *lane) tellBuried() {
	if b := l.buried; b.letters > 0 {
		l.log.Error("events are set aside; they are among the dead letters", "events", b.events, "letters", b.letters, "answer", b.answer.String())
	}
	l.buried = buried{}
}

// noteSettled takes note that there is nothing to try again.
func (l *lane) noteSettled() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.Attempts, l.status.NextRetry = 0, time.Time{}
}

// noteRefused takes note of a request that became a dead letter.
func (l *lane) noteRefused(answer outcome) {
	l.noteSettled()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.Refused++
	l.status.LastError, l.status.LastErrorAt = answer.String(), time.Now().UTC()
}

// noteRead ends a failure to read the log, if there was one: where no event of the project's follows, no delivery will.
func (l *lane) noteRead(failed int) {
	if failed == 0 {
		return
	}
	l.log.Info("the event log is read again", "attempts", failed)
	l.noteSettled()
}

// retryLater waits before the next attempt, or until ctx ends.
func (l *lane) retryLater(ctx context.Context, attempt int, answer outcome) {
	wait := backoff(attempt, l.options.MinBackoff, l.options.MaxBackoff) + answer.retryAfter
	l.noteFailure(attempt, answer, wait)
	pause(ctx, wait)
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (l *lane) noteOldest(kept time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.Oldest = kept
}

func (l *lane) noteFailure(attempt int, answer outcome, pause time.Duration) {
	if attempt == 0 {
		l.log.Warn("events are not delivered", "err", answer.String(), "retryIn", pause)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.Attempts++
	l.status.LastError, l.status.LastErrorAt = answer.String(), time.Now().UTC()
	l.status.NextRetry = l.status.LastErrorAt.Add(pause)
}

func (l *lane) noteDelivered(events int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.status.Attempts > 0 {
		l.log.Info("events are delivered again", "attempts", l.status.Attempts)
	}
	l.status.Delivered += int64(events)
	l.status.Refused, l.status.Attempts, l.status.NextRetry = 0, 0, time.Time{}
}

// noteResent counts what became of a dead letter's events. How the lane's own deliveries stand it leaves as it is: they may still fail.
func (l *lane) noteResent(events int, answer outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if answer.delivered() {
		l.status.Delivered += int64(events)
	} else {
		l.status.Failures++
	}
}

// pass counts the records as dealt with. Those behind the last request are not
// the project's, and may wait for more before they are committed.
func (l *lane) pass(records []eventlog.Record) {
	end := records[len(records)-1].Position
	l.moveTo(end)
	l.passedBytes += bytesOf(records)
	if l.passedBytes > passBytes || time.Since(l.committedAt) > passTime {
		l.commit(end)
	}
}

// bytesOf is how much there is in records.
func bytesOf(records []eventlog.Record) (n int) {
	for i := range records {
		n += len(records[i].Body)
	}
	return n
}

func (l *lane) moveTo(settled eventlog.Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settled = max(l.settled, settled)
}

// commit moves the durable cursor. If that fails, what was delivered is
// delivered again after a restart, unless a later commit succeeds; by the next
// reader, if this one is void.
func (l *lane) commit(at eventlog.Position) {
	if at <= l.committed {
		return
	}
	if err := l.reader.Commit(at); err != nil {
		if !l.unnoted { // else each request would tell it
			l.log.Error("what is delivered cannot be noted", "err", err)
		}
		l.unnoted = true
		l.void = errors.Is(err, eventlog.ErrReaderVoid)
		return
	}
	if l.unnoted {
		l.log.Info("what is delivered is noted again")
	}
	l.unnoted = false
	l.committed, l.passedBytes, l.committedAt = at, 0, time.Now()
}

func (l *lane) snapshot() (status Status, settled eventlog.Position, leads bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status, l.settled, l.leads
}
