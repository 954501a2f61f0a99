package fleet

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

// askTimeout is how long the relay that knows may take to answer.
const askTimeout = 3 * time.Second

// partsHeader tells in the first message of an answer how many it has.
const partsHeader = "Parts"

// ErrNobody is what asking gives while no relay answers.
var ErrNobody = errors.New("no relay of the fleet answers")

// Answer answers what is asked under a name until ctx ends.
func (f *Fleet) Answer(ctx context.Context, name string, answer func(question []byte) []byte) error {
	subscription, err := f.conn.Subscribe(f.Subject(name), func(m *nats.Msg) {
		rest := answer(m.Data)
		size := f.MaxMessage()
		parts := max(1, (len(rest)+size-1)/size)
		for range parts {
			n := min(size, len(rest))
			part := &nats.Msg{Subject: m.Reply, Data: rest[:n], Header: nats.Header{partsHeader: {strconv.Itoa(parts)}}}
			if err := f.conn.PublishMsg(part); err != nil {
				return // whoever asked will ask again
			}
			rest = rest[n:]
		}
	})
	if err != nil {
		return err
	}
	<-ctx.Done()
	return subscription.Unsubscribe()
}

// Ask asks the relay that answers under a name, or returns ErrNobody.
func (f *Fleet) Ask(ctx context.Context, name string, question []byte) (answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	inbox := f.conn.NewRespInbox()
	replies, err := f.conn.SubscribeSync(inbox)
	if err != nil {
		return nil, errors.Join(ErrNobody, err)
	}
	defer replies.Unsubscribe() //nolint:errcheck // it ends with the connection at the latest
	if err := f.conn.PublishRequest(f.Subject(name), inbox, question); err != nil {
		return nil, errors.Join(ErrNobody, err)
	}
	for parts := 1; parts > 0; parts-- {
		m, err := replies.NextMsgWithContext(ctx)
		if err != nil {
			return nil, errors.Join(ErrNobody, err)
		}
		if answer == nil {
			if parts, err = strconv.Atoi(m.Header.Get(partsHeader)); err != nil {
				return nil, ErrNobody // the servers say that nobody is there
			}
		}
		answer = append(answer, m.Data...)
	}
	return answer, nil
}

// Tell tells every relay, this one too, that listens under a name. While NATS
// is away nobody hears of it.
func (f *Fleet) Tell(name string, what []byte) error {
	return f.conn.Publish(f.Subject(name), what)
}

// Listen calls hear with what is told under a name until ctx ends.
func (f *Fleet) Listen(ctx context.Context, name string, hear func(what []byte)) error {
	subscription, err := f.conn.Subscribe(f.Subject(name), func(m *nats.Msg) { hear(m.Data) })
	if err != nil {
		return err
	}
	<-ctx.Done()
	return subscription.Unsubscribe()
}
