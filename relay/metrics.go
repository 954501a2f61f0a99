package main

import (
	"strconv"
	"time"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/hub"
	"sortition/relay/internal/metrics"
	"sortition/relay/internal/server"
)

// nameNumbers names every part's numbers for the operator's /metrics.
func (r *relay) nameNumbers() {
	m := r.metrics
	r.countDatafiles(m)
	r.countWebhooks(m)
	r.countPages(m)
	r.countEvaluations(m)
	r.countEvents(m)
	r.countDeliveries(m)
}

func (r *relay) countDatafiles(m *metrics.Registry) {
	m.GaugeBy("sdk_key", "relay_datafile_revision", "Revision of the newest datafile; -1 when it is no number.", r.ofDatafiles(revisionNumber))
	m.GaugeBy("sdk_key", "relay_datafile_age_seconds", "Time since the newest datafile was modified at its source.",
		r.ofDatafiles(func(d *datasource.Datafile) float64 { return time.Since(d.Modified).Seconds() }))
	m.GaugeBy("sdk_key", "relay_datafile_bytes", "Size of the newest datafile.",
		r.ofDatafiles(func(d *datasource.Datafile) float64 { return float64(len(d.Bytes)) }))
	m.GaugeBy("sdk_key", "relay_datafile_problem", "1 while the project does not have the newest datafile of its source.",
		r.ofStates(func(s datasource.State) float64 { return number(s.Problem != nil) }))
}

// countWebhooks names the numbers of webhooks and of what they announce.
func (r *relay) countWebhooks(m *metrics.Registry) {
	m.CounterBy("outcome", "relay_webhooks_total", "Webhooks by what became of them.", func() map[string]float64 {
		return floats(r.server.Webhooks())
	})
	m.GaugeBy("sdk_key", "relay_datafile_revision_lag", "Revisions that a webhook announced, while the source is asked for them, or a pin holds back, beyond the newest datafile.",
		r.ofStates(func(s datasource.State) float64 { return float64(s.Lag()) }))
	m.GaugeBy("sdk_key", "relay_datafile_held", "1 while an operator keeps the project to a datafile: a pin or a rollback.",
		r.ofStates(func(s datasource.State) float64 { return number(s.Hold != nil) }))
}

// countEvaluations names the numbers of what the relay decides for others.
func (r *relay) countEvaluations(m *metrics.Registry) {
	m.CounterBy("kind", "relay_evaluations_total", "Requests of clients without the engine that were answered.", func() map[string]float64 {
		return floats(r.server.Evaluations())
	})
	m.Gauge("relay_evaluation_streams", "Pages that hold an OFREP stream.", func() float64 { return float64(r.changes.Streams()) })
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
	one := func(read func(hub.Numbers) uint64) func() float64 {
		return func() float64 { return float64(read(r.hub.Numbers())) }
	}
	by := func(read func(hub.Numbers) map[string]uint64) func() map[string]float64 {
		return func() map[string]float64 { return floats(read(r.hub.Numbers())) }
	}
	m.Gauge("relay_stream_connections", "Pages on the websocket.", func() float64 { return float64(r.hub.Numbers().Connections) })
	m.Counter("relay_stream_pushes_total", "New datafiles that were written to every page.",
		one(func(n hub.Numbers) uint64 { return n.Pushes }))
	m.Counter("relay_stream_slow_closed_total", "Pages that were closed because they did not take what was written.",
		one(func(n hub.Numbers) uint64 { return n.Slow }))
	m.Counter("relay_stream_silent_closed_total", "Pages that were closed because they answered no pings.",
		one(func(n hub.Numbers) uint64 { return n.Silent }))
	m.CounterBy("reason", "relay_stream_handshakes_refused_total", "Handshakes that were turned away.",
		by(func(n hub.Numbers) map[string]uint64 { return n.Refused }))
	m.CounterBy("kind", "relay_stream_frames_total", "Frames written to pages.",
		by(func(n hub.Numbers) map[string]uint64 { return n.Frames }))
	m.CounterBy("kind", "relay_stream_bytes_total", "Bytes written to pages, as they went over the line.",
		by(func(n hub.Numbers) map[string]uint64 { return n.Bytes }))
}

// timePushes returns what is told how long each push took. The hub wants it before it can be counted itself.
func (r *relay) timePushes() func(time.Duration) {
	observe := r.metrics.Histogram("relay_stream_push_seconds", "From a webhook to the last page's write of the datafile it announced.",
		[]float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30})
	return func(took time.Duration) { observe(took.Seconds()) }
}

func floats(counts map[string]uint64) map[string]float64 {
	values := make(map[string]float64, len(counts))
	for key, n := range counts {
		values[key] = float64(n)
	}
	return values
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
	m.GaugeBy("sdk_key", "relay_events_dead_letters", "Requests that the event API refused for good, or failed on while it took others, and that wait for the operator.",
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
	m.Gauge("relay_events_damaged_bytes", "What the check at the start, or a reader since then, found damaged in the event log and passed over.",
		stat(func(s eventlog.Stats) float64 { return float64(s.DamagedBytes) }))
}

// What each project has a number of.

func (r *relay) ofDatafiles(read func(*datasource.Datafile) float64) func() map[string]float64 {
	return byKey(r.store.All, func(d *datasource.Datafile) string { return d.SDKKey }, read)
}

func (r *relay) ofStates(read func(datasource.State) float64) func() map[string]float64 {
	return byKey(r.store.States, func(s datasource.State) string { return s.SDKKey }, read)
}

func (r *relay) ofDeliveries(read func(server.Delivery) float64) func() map[string]float64 {
	return byKey(r.deliveries, func(d server.Delivery) string { return d.SDKKey }, read)
}

func byKey[T any](all func() []T, key func(T) string, read func(T) float64) func() map[string]float64 {
	return func() map[string]float64 {
		values := map[string]float64{}
		for _, one := range all() {
			values[key(one)] = read(one)
		}
		return values
	}
}
