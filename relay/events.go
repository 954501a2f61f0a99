package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/streamlog"
	"sortition/relay/internal/fleet"
	"sortition/wasm/engine/event"
)

// eventsCommand prints the event log: a relay's own, or a fleet's.
type eventsCommand struct {
	DataDir   string `default:"./data" placeholder:"DIR" help:"The relay's data folder. The relay may be running."`
	SDKKey    string `name:"sdk-key" env:"-" placeholder:"SDKKEY" help:"Only events that were posted for this project. Default: all."`
	ProjectID string `name:"project-id" env:"-" placeholder:"ID" help:"Only events of this projectId. Default: all."`
	Since     moment `env:"-" placeholder:"TIME" help:"Only events kept at this time or later: 2026-01-02T15:04:05Z, or how long ago, such as 30m or 7d. Default: all."`
	Until     moment `env:"-" placeholder:"TIME" help:"Only events kept before this time. Default: all."`

	natsSettings `embed:""`
}

// keptEvent is a line of the output.
type keptEvent struct {
	Received  time.Time       `json:"received"` // when the relay kept it
	SDKKey    string          `json:"sdkKey,omitempty"`
	AccountID string          `json:"accountId"`
	ProjectID string          `json:"projectId"`
	Revision  string          `json:"revision"`
	Client    string          `json:"client"`
	VisitorID string          `json:"visitorId"`
	Decisions []keptDecision  `json:"decisions,omitempty"`
	Event     json.RawMessage `json:"event"` // as it was sent
}

type keptDecision struct {
	CampaignID   string `json:"campaignId"`
	ExperimentID string `json:"experimentId"`
	VariationID  string `json:"variationId"`
	RuleKey      string `json:"ruleKey,omitempty"`
	VariationKey string `json:"variationKey,omitempty"`
}

// Run writes one JSON object a line, for each event, in the order in which they were kept.
func (c *eventsCommand) Run(e environment) error {
	if setting, err := c.check(); err != nil {
		return e.from.blame(setting, err)
	}
	out := bufio.NewWriter(e.stdout)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	scan := c.scanFolder
	if c.NATS != "" {
		scan = c.scanFleet
	}
	err := scan(e, func(r eventlog.Record) error {
		if e.ctx.Err() != nil {
			return e.ctx.Err()
		}
		if !c.wants(r) {
			return nil
		}
		batch, err := r.Decode()
		if err != nil {
			return fmt.Errorf("read the batch at %v: %w", r.Position, err)
		}
		return writeEvents(lines, r, batch)
	})
	if flushed := out.Flush(); !errors.Is(err, flushed) { // where it could not be written before, it is the same error
		err = errors.Join(err, flushed)
	}
	return err
}

// scanFolder calls visit with every record of a relay's own log.
func (c *eventsCommand) scanFolder(e environment, visit func(eventlog.Record) error) error {
	damaged, err := eventlog.Scan(c.DataDir, visit)
	if damaged > 0 {
		fmt.Fprintf(e.stderr, "relay: %d damaged bytes of the event log were passed over\n", damaged)
	}
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("there is no event log in %s (--data-dir): %w", c.DataDir, err)
	}
	return err
}

// scanFleet calls visit with every record of a fleet's log that may be wanted.
func (c *eventsCommand) scanFleet(e environment, visit func(eventlog.Record) error) error {
	shared, err := fleet.Observe(e.ctx, fleet.Options{URL: string(c.NATS), Credentials: c.NATSCredentials, ID: c.fleetID()})
	if err != nil {
		return err
	}
	unread, err := streamlog.Scan(e.ctx, shared, time.Time(c.Since), visit)
	if unread > 0 {
		fmt.Fprintf(e.stderr, "relay: messages of the event log that could not be read were passed over: %d\n", unread)
	}
	return errors.Join(err, shared.Close())
}

func (c *eventsCommand) wants(r eventlog.Record) bool {
	since, until := time.Time(c.Since), time.Time(c.Until)
	return (c.SDKKey == "" || c.SDKKey == r.SDKKey) && (c.ProjectID == "" || c.ProjectID == r.ProjectID) &&
		!r.Received.Before(since) && (until.IsZero() || r.Received.Before(until))
}

func writeEvents(lines *json.Encoder, r eventlog.Record, batch *event.Batch) error {
	for _, visitor := range batch.Visitors {
		for _, snapshot := range visitor.Snapshots {
			var decisions []keptDecision
			for _, d := range snapshot.Decisions {
				decisions = append(decisions, keptDecision{d.CampaignID, d.ExperimentID, d.VariationID, d.Metadata.RuleKey, d.Metadata.VariationKey})
			}
			for _, one := range snapshot.Events {
				line := keptEvent{
					Received: r.Received.UTC(), SDKKey: r.SDKKey, AccountID: batch.AccountID, ProjectID: batch.ProjectID, Revision: batch.Revision,
					Client: batch.ClientName + " " + batch.ClientVersion, VisitorID: visitor.ID, Decisions: decisions, Event: json.RawMessage(one.Raw),
				}
				if err := lines.Encode(line); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
