package dispatcher

import (
	"context"
	"slices"
	"time"

	"sortition/relay/internal/eventlog"
)

// awaitDatafile waits while the project's datafile is not there and may show that
// some of the records, which came without an SDK key, are the project's. It
// returns false when ctx ended before. In all it waits no longer than the
// patience, unless no project has a datafile: the log must keep what a lane has
// not passed, others' events may fill it, and a source may be wrong for good.
func (l *lane) awaitDatafile(ctx context.Context, records []eventlog.Record) bool {
	attempt := 0
	for ; ctx.Err() == nil && slices.ContainsFunc(records, l.undecided); attempt++ {
		if l.waits.IsZero() {
			l.waits = time.Now()
		}
		if l.gaveUp = time.Since(l.waits) >= l.options.Patience && slices.ContainsFunc(l.options.Projects, isKnown); l.gaveUp {
			l.log.Error("events without an SDK key are passed over: there is no datafile to tell whether they are the project's", "waited", l.options.Patience)
			break
		}
		l.noteOldest(records[0].Received)
		l.retryLater(ctx, attempt, outcome{reason: "there is no datafile yet to tell whether events without an SDK key are the project's"})
	}
	if attempt > 0 {
		l.noteSettled()
	}
	return ctx.Err() == nil
}

func isKnown(p Project) bool { return p.Known() }

// undecided says whether a record may turn out to be the project's.
func (l *lane) undecided(record eventlog.Record) bool {
	return record.SDKKey == "" && !l.gaveUp && !l.project.Known() && l.project.URL() != ""
}
