package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sortition/relay/internal/dispatcher"
	"sortition/relay/internal/eventlog"
)

// eventLog is what keeps the events: this relay's disk, or what a fleet shares. Package eventlog has its contract.
type eventLog interface {
	Append(ctx context.Context, b eventlog.Batch) (eventlog.Receipt, error)
	Ready() error
	Reader(name string) (eventlog.Reader, error)
	End() eventlog.Position
	Pending(at eventlog.Position) int64
	Duplicates(sdkKey, projectID string) int
	Size() int64
	Stats() eventlog.Stats
	Run(ctx context.Context) error
	Close() error
}

// openStorage opens what keeps events and dead letters: the fleet's where there is one.
func (r *relay) openStorage() error {
	if r.fleet != nil {
		r.openShared()
		return nil
	}
	log, err := eventlog.Open(r.settings.DataDir, eventlog.Options{
		MaxBytes:  int64(r.settings.MaxBacklog),
		Retain:    time.Duration(r.settings.Retain),
		Consumers: r.settings.consumers(),
		Logger:    r.log,
	})
	if err != nil {
		return err
	}
	r.reportLog(log.Report())
	if r.letters, err = dispatcher.OpenLetters(log.State()); err != nil {
		return errors.Join(err, log.Close())
	}
	r.events = log
	return nil
}

// consumers are whom the event log keeps events for: each project's delivery, and the results.
func (s *settings) consumers() []string {
	consumers := []string{resultsConsumer}
	for _, p := range s.Project {
		consumers = append(consumers, dispatcher.ReaderName(p.sdkKey))
	}
	return consumers
}

// reportLog tells what the event log looked like when it was opened.
func (r *relay) reportLog(found eventlog.Report) {
	r.log.Info("event log", "records", found.Records, "events", found.Events, "bytes", found.Bytes)
	if found.Torn > 0 {
		r.log.Info("what a crash left unfinished at the event log's end was cut off; nobody was told that it is safe", "bytes", found.Torn)
	}
	if !found.Clean() {
		r.log.Warn("the event log was damaged", "damagedPlaces", found.DamagedPlaces,
			"damagedBytes", found.DamagedBytes, "first", fmt.Sprint(found.Damage[:min(3, len(found.Damage))]), "state", found.StateDamage)
	}
}

func (r *relay) close() error { return r.events.Close() }
