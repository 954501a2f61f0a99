// Package event is the wire format of Optimizely's event batches, both ways: the engine writes one visitor object per
// impression or conversion (AppendImpression, AppendConversion) under an envelope (AppendEnvelope), byte for byte as
// JSON.stringify gives it in the official JavaScript SDK 6.6.1; the relay reads batches of any SDK (Decode, or DecodeParts to
// pass them on) and puts together new ones from their exact source text (Batch.AppendHeader, Batch.AppendVisitors).
//
// A batch is `{account_id, ..., visitors: [{visitor_id, attributes, snapshots: [{decisions, events}]}]}`. An impression is a
// snapshot with decisions and an event of the key Activated, a conversion one with events only.
//
// The package knows no clock and no randomness: times and uuids are arguments. Strings may be WTF-8, see jsontext.
package event

import "sortition/wasm/engine/internal/lean"

// Activated is the key of the event of an impression.
const Activated = "campaign_activated"

// Batch is one request to the event API.
type Batch struct {
	AccountID, ProjectID, Revision string
	RevisionJSON                   string // the revision as JSON writes it: nearly always text; "" means Revision as text
	ClientName, ClientVersion      string
	Region                         string // "US" or "EU"; "" where the SDK does not send it, as JavaScript's
	AnonymizeIP, EnrichDecisions   bool
	AnonymizeIPJSON                string // the same as JSON writes it; "" means AnonymizeIP
	Visitors                       []Visitor

	header string // of a decoded batch, see AppendHeader
}

// Visitor is one user with what happened to them. The same user may appear several times in a batch.
type Visitor struct {
	ID         string
	Attributes []Attribute
	Snapshots  []Snapshot
	Raw        string // exact source text; "" unless decoded
}

// Snapshot holds the decisions of a moment and the events that belong to them.
type Snapshot struct {
	Decisions []Decision
	Events    []Event
}

// Decision says which variation of which experiment was chosen. An id is "" where the wire has null.
type Decision struct {
	CampaignID, ExperimentID, VariationID string // CampaignID is the experiment's layer
	Metadata                              Metadata
}

// Metadata says how a decision came about.
type Metadata struct {
	FlagKey, RuleKey, RuleType, VariationKey string
	Enabled                                  bool
	EnabledJSON                              string // the same as JSON writes it; "" means Enabled
	CmabUUID                                 string // "" is left out
}

// Event is something that happened at Timestamp, milliseconds since 1970. UUID tells it from every other event.
type Event struct {
	_                   lean.Uncompared
	EntityID, Key, UUID string
	Timestamp           int64
	Revenue, Value      Amount
	Tags                string // JSON object as it came; "" when there are none
	Raw                 string // exact source text; "" unless decoded
}
