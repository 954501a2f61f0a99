package main

import (
	"context"
	"errors"
	"iter"
	"syscall"
	"time"

	"sortition/relay/internal/dispatcher"
	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/server"
	"sortition/wasm/engine/event"
)

// keeper is the event log as the server knows it.
type keeper struct{ log eventLog }

// Append implements server.EventLog.
func (k keeper) Append(ctx context.Context, sdkKey string, batch *event.Batch, body string) (repeated []int, err error) {
	receipt, err := k.log.Append(ctx, eventlog.Batch{SDKKey: sdkKey, Body: body, Events: batch})
	return receipt.Repeated, refusal(err)
}

// Ready implements server.EventLog.
func (k keeper) Ready() error { return refusal(k.log.Ready()) }

// refusal says in the server's words what the log cannot do: a full log takes a while, what is too large never fits,
// anything else is tried every second.
func refusal(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &server.Refusal{Reason: "the disk of the event log is full", RetryAfter: 30 * time.Second}
	case errors.Is(err, eventlog.ErrFull):
		return &server.Refusal{Reason: "the event log is full: it may get no larger than --max-backlog", RetryAfter: 30 * time.Second}
	case errors.Is(err, eventlog.ErrUnavailable):
		return &server.Refusal{Reason: "the event log cannot be written to", RetryAfter: 2 * time.Second}
	case errors.Is(err, eventlog.ErrTooLarge):
		return &server.Refusal{Reason: "an event is too large to be kept; none of its batch was"}
	}
	return err
}

// deadLetters are the dispatcher's as the server knows them.
type deadLetters struct{ *dispatcher.Dispatcher }

// Letters implements server.DeadLetters.
func (d deadLetters) Letters(sdkKey string) iter.Seq2[server.DeadLetter, error] {
	return func(yield func(server.DeadLetter, error) bool) {
		for letter, err := range d.Dispatcher.Letters(sdkKey) {
			if !yield(server.DeadLetter(letter), err) {
				return
			}
		}
	}
}

// Resend implements server.DeadLetters.
func (d deadLetters) Resend(ctx context.Context, sdkKey string, id uint64) (server.Resent, error) {
	resent, err := d.Dispatcher.Resend(ctx, sdkKey, id)
	return server.Resent(resent), err
}

// deliveries tells the server how the dispatcher's lanes stand.
func (r *relay) deliveries() (deliveries []server.Delivery) {
	for _, status := range r.dispatch.Statuses() {
		deliveries = append(deliveries, server.Delivery(status))
	}
	return deliveries
}
