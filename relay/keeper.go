package main

import (
	"context"
	"errors"
	"time"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/server"
	"sortition/wasm/engine/event"
)

// keeper is the event log as the server knows it.
type keeper struct{ log *eventlog.Log }

// Append implements server.EventLog.
func (k keeper) Append(ctx context.Context, sdkKey string, batch *event.Batch, body string) error {
	_, err := k.log.Append(ctx, eventlog.Batch{SDKKey: sdkKey, Body: body, Events: batch})
	return refusal(err)
}

// Ready implements server.EventLog.
func (k keeper) Ready() error { return refusal(k.log.Ready()) }

// refusal says in the server's words what the log cannot do: a full log takes a while, anything else is tried every second.
func refusal(err error) error {
	switch {
	case errors.Is(err, eventlog.ErrFull):
		return &server.Refusal{Reason: "the event log is full", RetryAfter: 30 * time.Second}
	case errors.Is(err, eventlog.ErrUnavailable):
		return &server.Refusal{Reason: "the event log cannot be written to", RetryAfter: 2 * time.Second}
	}
	return err
}

// deliveries tells the server how the dispatcher's lanes stand.
func (r *relay) deliveries() (deliveries []server.Delivery) {
	for _, status := range r.dispatch.Statuses() {
		deliveries = append(deliveries, server.Delivery(status))
	}
	return deliveries
}
