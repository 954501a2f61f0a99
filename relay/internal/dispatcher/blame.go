package dispatcher

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"sortition/relay/internal/eventlog"
	"sortition/wasm/engine/event"
)

// judge returns the answer to a request, and says whether the request itself
// is to blame for it: the event API has failed on it for the patience, then
// took something else, and at once failed on it again. As long as it takes
// nothing else it may be down, which is nobody's fault.
func (l *lane) judge(ctx context.Context, r *request, answer outcome) outcome {
	if answer.final() {
		return answer
	}
	if r.failing.IsZero() {
		r.failing = time.Now()
	}
	if time.Since(r.failing) < l.patience() || !l.probe(ctx, r) {
		r.proofs = 0
		return answer
	}
	if answer = l.try(ctx, r); answer.final() || ctx.Err() != nil {
		return answer
	}
	if r.proofs++; r.proofs >= answer.wantedProofs() {
		answer.alone, answer.reason = true, strings.TrimSuffix("it fails while others get through: "+answer.reason, ": ")
		l.blamed = time.Now()
	}
	return answer
}

// patience is how long a request must fail before it may be to blame. Such
// requests seldom come singly, and the others are not to wait for each as long.
func (l *lane) patience() time.Duration {
	if time.Since(l.blamed) < l.options.Patience {
		return l.options.Patience / 60
	}
	return l.options.Patience
}

// probe returns true if the event API takes a visitor by itself, one by chance
// of those around the request: the next time it is another, should this be
// such a one, too. When its turn comes it is sent again.
func (l *lane) probe(ctx context.Context, r *request) bool {
	l.lookAhead(ctx)
	var singles []*request
	for _, other := range slices.Concat(l.window, l.plan(l.ahead)) {
		for _, v := range other.visitors {
			if len(r.visitors) > 1 || v != r.visitors[0] {
				singles = append(singles, &request{batch: other.batch, visitors: []event.Part{v}})
			}
		}
	}
	return len(singles) > 0 && l.try(ctx, singles[rand.N(len(singles))]).delivered()
}

// lookAhead reads on, if there is more, and keeps the project's records until
// it is their turn, with the very last one, behind which the lane goes on.
func (l *lane) lookAhead(ctx context.Context) {
	if bytesOf(l.ahead) >= manyBytes || l.options.Log.Pending(l.reader.Position()) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, l.options.Timeout) // what is pending may be damaged
	defer cancel()
	records, err := l.reader.Next(ctx)
	if err != nil {
		return // it comes again, and is told, when it is their turn
	}
	end := records[len(records)-1].Position
	l.ahead = slices.DeleteFunc(append(l.ahead, records...), func(record eventlog.Record) bool {
		return record.Position != end && !l.owns(record) && !l.undecided(record)
	})
}

// next returns what was read ahead, or waits for what comes next.
func (l *lane) next(ctx context.Context) ([]eventlog.Record, error) {
	if records := l.ahead; len(records) > 0 {
		l.ahead = nil
		return records, nil
	}
	return l.reader.Next(ctx)
}
