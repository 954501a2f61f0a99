package main

import (
	"strconv"
	"time"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/metrics"
	"sortition/relay/internal/server"
)

// newMetrics names every part's numbers for the operator's /metrics.
func (r *relay) newMetrics() *metrics.Registry {
	m := new(metrics.Registry)
	r.countDatafiles(m)
	r.countPages(m)
	r.countEvents(m)
	r.countDeliveries(m)
	return m
}

func (r *relay) countDatafiles(m *metrics.Registry) {
	m.GaugeBy("sdk_key", "relay_datafile_revision", "Revision of the newest datafile; -1 when it is no number.", r.ofDatafiles(revisionNumber))
	m.GaugeBy("sdk_key", "relay_datafile_age_seconds", "Time since the newest datafile was modified at its source.",
		r.ofDatafiles(func(d *datasource.Datafile) float64 { return time.Since(d.Modified).Seconds() }))
	m.GaugeBy("sdk_key", "relay_datafile_bytes", "Size of the newest datafile.",
		r.ofDatafiles(func(d *datasource.Datafile) float64 { return float64(len(d.Bytes)) }))
	m.GaugeBy("sdk_key", "relay_datafile_problem", "1 while the project does not have the newest datafile of its source.", func() map[string]float64 {
		values := map[string]float64{}
		for _, state := range r.store.States() {
			values[state.SDKKey] = number(state.Problem != nil)
		}
		return values
	})
}

func (r *relay) ofDatafiles(read func(*datasource.Datafile) float64) func() map[string]float64 {
	return func() map[string]float64 {
		values := map[string]float64{}
		for _, d := range r.store.All() {
			values[d.SDKKey] = read(d)
		}
		return values
	}
}

func revisionNumber(d *datasource.Datafile) float64 {
	n, err := strconv.ParseUint(d.Revision, 10, 64)
	if err != nil {
		return -1
	}
	return float64(n)
}

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

func (r *relay) countPages(m *metrics.Registry) {
	m.Gauge("relay_stream_connections", "Pages on the websocket.", func() float64 { return float64(r.hub.Connections()) })
}

func (r *relay) countDeliveries(m *metrics.Registry) {
	m.GaugeBy("sdk_key", "relay_events_backlog_bytes", "Of the event log, what was not forwarded yet, other projects' records among it.",
		r.ofDeliveries(func(d server.Delivery) float64 { return float64(d.Backlog) }))
	m.CounterBy("sdk_key", "relay_events_delivered_total", "Events that were forwarded.",
		r.ofDeliveries(func(d server.Delivery) float64 { return float64(d.Delivered) }))
	m.GaugeBy("sdk_key", "relay_events_oldest_seconds", "How long ago the event was kept that is being forwarded, or waits for a retry; 0 when none does.",
		r.ofDeliveries(func(d server.Delivery) float64 { return secondsSince(d.Oldest) }))
	m.CounterBy("sdk_key", "relay_events_delivery_failures_total", "Requests to the event API that did not succeed.",
		r.ofDeliveries(func(d server.Delivery) float64 { return float64(d.Failures) }))
	m.GaugeBy("sdk_key", "relay_events_dead_letters", "Requests that the event API refused for good and that wait for the operator.",
		r.ofDeliveries(func(d server.Delivery) float64 { return float64(d.DeadLetters) }))
}

func secondsSince(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return time.Since(t).Seconds()
}

func (r *relay) countEvents(m *metrics.Registry) {
	stat := func(read func(eventlog.Stats) float64) func() float64 {
		return func() float64 { return read(r.events.Stats()) }
	}
	m.Counter("relay_events_stored_total", "Events that were new and are on disk.", stat(func(s eventlog.Stats) float64 { return float64(s.Events) }))
	m.Counter("relay_events_duplicates_total", "Events that were on disk before.", stat(func(s eventlog.Stats) float64 { return float64(s.Duplicates) }))
	m.Counter("relay_events_refused_total", "Batches that could not be kept, answered 503.", stat(func(s eventlog.Stats) float64 { return float64(s.Refused) }))
	m.Counter("relay_events_syncs_total", "Groups of batches that were written and synced together.", stat(func(s eventlog.Stats) float64 { return float64(s.Syncs) }))
	m.Counter("relay_events_sync_seconds_total", "Time that took.", stat(func(s eventlog.Stats) float64 { return s.SyncTime.Seconds() }))
	m.Gauge("relay_events_log_bytes", "Size of the event log on disk.", func() float64 { return float64(r.events.Size()) })
	m.Gauge("relay_events_ready", "1 while the event log takes events.", func() float64 { return number(r.events.Ready() == nil) })
	m.Gauge("relay_events_damaged_bytes", "What the check at the start found damaged in the event log and passed over.",
		func() float64 { return float64(r.events.Report().DamagedBytes) })
}

func (r *relay) ofDeliveries(read func(server.Delivery) float64) func() map[string]float64 {
	return func() map[string]float64 {
		values := map[string]float64{}
		for _, d := range r.deliveries() {
			values[d.SDKKey] = read(d)
		}
		return values
	}
}
