package streamlog

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"sortition/relay/internal/fleet"
)

// troubled is a stream that is read well until the next of some moments, and then not for a while.
type troubled struct {
	jetstream.Stream
	at []time.Time
	of time.Duration
}

func (*troubled) CachedInfo() *jetstream.StreamInfo { return &jetstream.StreamInfo{} }

func (s *troubled) Info(ctx context.Context, _ ...jetstream.StreamInfoOpt) (*jetstream.StreamInfo, error) {
	if len(s.at) == 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	fleet.Pause(ctx, time.Until(s.at[0]))
	if time.Since(s.at[0]) > s.of {
		s.at = s.at[1:]
	}
	return nil, errors.New("no leader")
}

func TestEachTimeThatTheStreamCannotBeReadIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		start := time.Now()
		stream := &troubled{at: []time.Time{start, start.Add(time.Hour), start.Add(24 * time.Hour)}, of: 10 * time.Second}
		l := New(&fleet.Fleet{Events: stream}, Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		ctx, stop := context.WithTimeout(t.Context(), 48*time.Hour)
		defer stop()
		l.follow(ctx)
		if told := strings.Count(log.String(), "no leader"); told != 3 {
			t.Errorf("of three times it was told %d times:\n%s", told, &log)
		}
	})
}
