package streamlog

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// mark is a message by which a stream is known again. Servers that have lost
// their newest messages give their sequences to others.
type mark struct {
	Sequence uint64    `json:"sequence"`
	Time     time.Time `json:"time,omitzero"` // when the servers took it; zero where nothing is known of it
}

// errBehind is what servers are that lack messages which were read from them: a
// leader that was just elected catches up, what is lost stays away.
var errBehind = errors.New("the servers lack the newest events that were read from them")

// stands tells whether the message is in the stream, or was until it was let go of.
func (m mark) stands(ctx context.Context, stream jetstream.Stream) (bool, error) {
	if m.Time.IsZero() {
		return true, nil
	}
	there, err := stream.GetMsg(ctx, m.Sequence)
	if err == nil {
		return there.Time.Equal(m.Time), nil
	}
	if !errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, err
	}
	info, err := stream.Info(ctx)
	if err == nil && info.State.LastSeq < m.Sequence {
		err = errBehind
	}
	return err == nil, err
}

// left returns the last message that a stream has of those up to a mark which
// does not stand. What came after the loss was taken later.
func (m mark) left(ctx context.Context, stream jetstream.Stream) (mark, error) {
	info, err := stream.Info(ctx)
	if err != nil {
		return mark{}, err
	}
	from := max(info.State.FirstSeq, 1)
	last := mark{Sequence: from - 1}
	for to := min(info.State.LastSeq+1, m.Sequence); from < to; {
		middle := from + (to-from)/2
		there, err := stream.GetMsg(ctx, middle)
		switch {
		case errors.Is(err, jetstream.ErrMsgNotFound): // let go of meanwhile, from the first on
			from, last = middle+1, mark{Sequence: middle}
		case err != nil:
			return mark{}, err
		case there.Time.After(m.Time):
			to = middle
		default:
			from, last = middle+1, mark{middle, there.Time}
		}
	}
	return last, nil
}
