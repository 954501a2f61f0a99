// Package datafile turns the text of an Optimizely datafile, version 2, 3 or 4, into an immutable, indexed Project.
//
// Everything a decision needs is looked up, compiled and linked once, here: audiences become flat programs, traffic ranges point
// at their variations, a status quirk becomes a boolean. After Parse nothing changes, so a Project may be shared by any number
// of goroutines, and a new datafile is a new Project. A page, which has one and decides few of the flags, opens a datafile instead: see
// Open.
//
// Where two entries share a key or an id the last one wins, in the order top-level experiments, groups' experiments, rollouts'
// rules: that is what the official SDK's lookup tables do. Unknown fields are ignored.
package datafile

import (
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/names"
)

// Project is a parsed datafile. Its slices keep the file's order and belong to it: read them, never write them.
type Project struct {
	Text         string // the datafile itself
	Version      string
	Revision     string
	RevisionJSON string // the revision as the datafile writes it: nearly always text, but any JSON value is passed on in events
	AccountID    string
	ProjectID    string
	Region       string // "US" or "EU"; "US" when the datafile names none

	// What is only shown is kept as the datafile writes it, perhaps behind white space, and is "" where there is none.
	AttributesJSON, EnvironmentKeyJSON, EventsJSON, SDKKeyJSON string
	HasFlagList                                                bool // featureFlags is a list

	AnonymizeIP       string // as the datafile writes it, since events pass on whatever JavaScript takes for true; "" for false
	SendFlagDecisions bool   // whether decisions of rollouts are told by impressions
	HasODP            bool   // the project uses Optimizely's data platform
	HasBotFiltering   bool   // the datafile says true or false; when it says nothing, events do not either
	BotFiltering      bool

	Experiments []*Experiment // top-level, then groups', then rollouts' rules
	Holdouts    []*Experiment // global ones, then local ones
	Rules       []*Experiment // Experiments, then Holdouts: what Experiment.Index counts
	Groups      []*Group
	Variations  []*Variation // those of Rules, in order
	Events      []*Event
	Flags       []*Flag
	Rows        []Row // of Flags

	// GlobalHoldouts come before every flag's rules.
	GlobalHoldouts []*Experiment

	// AttributeKeys names the slots of a user's attributes: the datafile's attributes first, in order, then further keys that only
	// audiences mention. AttributeIDs are their ids, by slot too: "" where the datafile has no such attribute.
	AttributeKeys []string
	AttributeIDs  []string

	rules           []*Experiment   // in the order of the text
	sources         [parts][]string // see earlier.go
	experimentByKey names.Table[*Experiment]
	experimentByID  names.Table[*Experiment]
	variationByID   names.Table[*Variation]
	eventByKey      names.Table[*Event]
	flagByKey       names.Table[*Flag]
	rolloutByID     names.Table[*Rollout]
	audiences       names.Table[*namedAudience]
	compiler        *audience.Compiler
	walks           audience.Room
	digests         digests
}

// Experiment is an A/B test, standalone or of a flag, a delivery rule of a rollout, or a holdout.
type Experiment struct {
	Digest *Digest // nil until the rule was read

	// IsPlain says that nobody is held out of the rule, so that who is listed, its audience, its group and its traffic alone tell what it has for
	// a user. Listed has the Marks of who is on the whitelist, and Shares says in which ranges of a group that shares out users they are this
	// rule's, bit i being that of the group's Allocation[i].
	IsPlain        bool
	Listed, Shares uint64

	// Running tells whether the status of the last experiment or rule with this key is "Running": the official SDK asks by key. Of a
	// holdout it is the holdout's own status.
	Running bool

	ExcludeTargetedDeliveries bool // of a global holdout: its users still get what rollouts deliver

	Audience audience.Program
	Index    int            // in Project.Rules
	Line     bucketing.Line // of Allocation
	Targets  []Target       // of each range of Allocation; none of a bandit's, which a service would have to share out
	Group    *Group         // the exclusion group it belongs to, or nil

	Slot    int // Index of the last experiment with this ID: what is remembered of a user by id
	KeySlot int // Slot of the last experiment with this Key: what is forced for a user is found by key
	ID      string
	Key     string
	LayerID string
	Status  string
	Type    string // "fr" is a feature rollout; the other types decide alike
	source  string // its JSON

	CMAB    bool // a bandit, whose variations a service predicts
	Rollout bool // a rule of a rollout: no experiment to getVariation and activate
	HasFlag bool // a flag lists it: its decisions are of type feature-test instead of ab-test
	isRead  bool // by LoadRule

	own           int32 // how many of its Variations it names itself
	Variations    []*Variation
	LocalHoldouts []*Experiment // of a rule: who is held out of it
	Allocation    []bucketing.Range
	Whitelist     map[string]string // user id to variation key
}

// Variation is one arm of an experiment, holdout or delivery rule.
type Variation struct {
	Index          int // in Project.Variations
	ID             string
	Key            string
	featureEnabled string // as JSON
	source         string // of its values
	Enabled        bool   // it switches its flag on, as JavaScript sees it

	isRead    bool // by load
	hasValues bool
	values    []VariableValue
	holdout   bool
}

// Target is what a traffic range leads to. Variation is nil where the range names none; it may be any variation of the datafile, of
// which Own is the rule's variation with the same key, nil when it has none.
type Target struct{ Variation, Own *Variation }

// VariableValue is what a variation gives a variable of its flag, by the variable's id.
type VariableValue struct {
	_         lean.Uncompared
	ID, Value string
}

// Group makes experiments mutually exclusive when its policy is random; any other policy puts no step before theirs.
type Group struct {
	ID         string
	Random     bool
	Allocation []bucketing.Range // EntityID is an experiment's id, or empty
	Line       bucketing.Line    // of Allocation
}

// Event is a conversion that can be tracked.
type Event struct {
	_     lean.Uncompared
	Index int // in Project.Events
	ID    string
	Key   string
}

// ExperimentByKey returns the experiment or delivery rule with the key, or nil.
func (p *Project) ExperimentByKey(key string) *Experiment { return p.experimentByKey.Find(key) }

// ExperimentByID returns the experiment or delivery rule with the id, or nil.
func (p *Project) ExperimentByID(id string) *Experiment { return p.experimentByID.Find(id) }

// VariationByID returns the variation with the id, of whichever experiment, or nil.
func (p *Project) VariationByID(id string) *Variation { return p.variationByID.Find(id) }

// EventByKey returns the event with the key, or nil.
func (p *Project) EventByKey(key string) *Event { return p.eventByKey.Find(key) }

// AttributeSlot returns the slot of an attribute key and whether the datafile knows the key at all.
func (p *Project) AttributeSlot(key string) (slot int, ok bool) {
	return p.compiler.Find(key)
}

// VariationByKey returns the experiment's last variation with the key, or nil.
func (e *Experiment) VariationByKey(key string) *Variation {
	for i := len(e.Variations) - 1; i >= 0; i-- {
		if e.Variations[i].Key == key {
			return e.Variations[i]
		}
	}
	return nil
}

// EnabledJSON returns what the datafile has for Enabled, since that is passed on as it is: nearly always true or false. It is false where
// there is nothing, or no variation.
func (v *Variation) EnabledJSON() string {
	if v == nil || v.featureEnabled == "" || v.featureEnabled == "null" {
		return "false"
	}
	return v.featureEnabled
}

// FlagByKey returns the flag with the key, or nil.
func (p *Project) FlagByKey(key string) *Flag { return p.flagByKey.Find(key) }

// VariableValues returns the values that a variation gives variables: those of the last experiment's variation with its id, and
// none of a holdout's.
func (p *Project) VariableValues(v *Variation) []VariableValue {
	if !p.variationByID.Shared && !v.holdout {
		v.load()
		return v.values
	}
	for i := len(p.Variations) - 1; i >= 0; i-- {
		if named := p.Variations[i]; named.ID == v.ID && !named.holdout && named.hasValues {
			named.load()
			return named.values
		}
	}
	return nil
}
