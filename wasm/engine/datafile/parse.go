package datafile

import (
	"unicode/utf8"

	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/lean"
)

// Error says why a text is no datafile: where its JSON breaks, or what it lacks.
type Error string

func (e Error) Error() string { return "datafile: " + string(e) }

// Parse reads a datafile. It accepts what the official JavaScript SDK 6.6.1 accepts without a schema validator, with two
// exceptions: a flag may list an experiment that does not exist, and nesting is bounded. The error is an Error.
func Parse(text string) (*Project, error) {
	if !utf8.ValidString(text) {
		return nil, Error("the text is not UTF-8")
	}
	p, err := Open(text, nil)
	if err != nil {
		return nil, err
	}
	p.Load()
	return p, nil
}

// Open is Parse for one goroutine that will ask for little: it finds the same errors in a text that is UTF-8, and leaves unread what
// Load, LoadFlag and LoadRule read. A flag or an experiment must be loaded before it is decided. What an earlier project, or nil, has
// in common with this one need not be read again: it is only looked at, and may be dropped together with its text.
func Open(text string, earlier *Project) (*Project, error) {
	if earlier == nil {
		earlier = &Project{}
	}
	if text == "" { // which is also what comes of an object that JavaScript hands over as if it were text
		return nil, Error("it is empty: a datafile is the text of a JSON object, not the object itself")
	}
	d := decoder{parser: jsontext.New(text), project: &Project{Text: text}, earlier: earlier}
	if d.parser.Kind() != jsontext.Object {
		d.parser.Fail("a datafile is a JSON object")
	}
	d.readAll()
	if err := d.parser.End(); err != nil {
		return nil, Error(err.Error())
	}
	if err := d.link(); err != "" {
		return nil, err
	}
	return d.project, nil
}

// decoder holds what is known of a datafile while it is read. Sections refer to each other in any order, so what refers is kept
// as text or id until link.
type decoder struct {
	parser  *jsontext.Parser
	project *Project
	earlier *Project
	places  [parts]int // where in its sources the next entities may be

	experiments      []*Experiment
	hasExperiments   bool
	groupExperiments []*Experiment
	rollouts         []*Rollout
	holdouts         []*holdout
	localHoldouts    []*holdout
	legacyAudiences  []*namedAudience
	typedAudiences   []*namedAudience
	attributes       []*attribute

	rules      []*Experiment // those of groups and of rollouts
	variations []*Variation

	ruleBlocks      blocks[Experiment]
	variationBlocks blocks[Variation]
	rolloutBlocks   blocks[Rollout]
	flagBlocks      blocks[Flag]
}

type attribute struct {
	_       lean.Uncompared
	id, key string
}

// readAll reads the datafile's object.
func (d *decoder) readAll() {
	p, project := d.parser, d.project
	p.Members(
		jsontext.Member{Name: "version", To: func() { project.Version = d.version() }},
		jsontext.Member{Name: "revision", To: d.revision},
		jsontext.Member{Name: "accountId", To: &project.AccountID},
		jsontext.Member{Name: "projectId", To: &project.ProjectID},
		jsontext.Member{Name: "region", To: &project.Region},
		jsontext.Member{Name: "anonymizeIP", To: func() { project.AnonymizeIP = truthy(p) }},
		jsontext.Member{Name: "sdkKey", To: (*jsontext.Raw)(&project.SDKKeyJSON)},
		jsontext.Member{Name: "sendFlagDecisions", To: func() { project.SendFlagDecisions = truthy(p) != "" }},
		jsontext.Member{Name: "botFiltering", To: func() {
			project.HasBotFiltering = p.Kind() == jsontext.Bool
			project.BotFiltering = p.Bool()
		}},
		jsontext.Member{Name: "experiments", To: func() {
			d.hasExperiments = p.Kind() == jsontext.Array
			d.experiments = section(d, (*decoder).experiment)
		}},
		jsontext.Member{Name: "groups", To: func() {
			d.groupExperiments = nil
			project.Groups = section(d, (*decoder).group)
		}},
		jsontext.Member{Name: "rollouts", To: func() { d.rollouts = section(d, (*decoder).rollout) }},
		jsontext.Member{Name: "holdouts", To: func() { d.holdouts = section(d, (*decoder).globalHoldout) }},
		jsontext.Member{Name: "localHoldouts", To: func() { d.localHoldouts = section(d, (*decoder).holdout) }},
		jsontext.Member{Name: "featureFlags", To: func() {
			project.HasFlagList = p.Kind() == jsontext.Array
			project.sources[flags] = nil
			project.Flags = section(d, (*decoder).flag)
		}},
		jsontext.Member{Name: "audiences", To: func() {
			project.sources[legacyAudiences] = nil
			d.legacyAudiences = section(d, (*decoder).legacyAudience)
		}},
		jsontext.Member{Name: "typedAudiences", To: func() {
			project.sources[typedAudiences] = nil
			d.typedAudiences = section(d, (*decoder).typedAudience)
		}},
		jsontext.Member{Name: "attributes", To: func() {
			isList, rest := p.Kind() == jsontext.Array, p.Rest()
			d.attributes = section(d, (*decoder).attribute)
			if isList { // else it is shown as an empty one
				project.AttributesJSON = rest[:len(rest)-p.Left()]
			}
		}},
		jsontext.Member{Name: "environmentKey", To: (*jsontext.Raw)(&project.EnvironmentKeyJSON)},
		jsontext.Member{Name: "events", To: func() {
			rest := p.Rest()
			project.Events = section(d, (*decoder).event)
			project.EventsJSON = rest[:len(rest)-p.Left()]
		}},
		jsontext.Member{Name: "integrations", To: func() {
			requireList(p)
			p.Array(func(int) { d.integration() })
		}},
	)
	if project.Region == "" {
		project.Region = "US"
	}
}

func (d *decoder) version() string {
	if d.parser.Kind() == jsontext.String {
		switch v := d.parser.String(); v {
		case "2", "3", "4":
			return v
		default:
			d.parser.Fail(`version "` + v + `" is not supported: "2", "3" and "4" are`)
			return ""
		}
	}
	d.parser.Fail(`the version must be the text "2", "3" or "4"`)
	return ""
}

func (d *decoder) revision() {
	text := d.parser.Kind() == jsontext.String
	raw := d.parser.Raw()
	d.project.RevisionJSON, d.project.Revision = raw, raw
	if text {
		d.project.Revision = jsontext.New(raw).String()
	}
}

func (d *decoder) attribute() *attribute {
	a := &attribute{}
	d.parser.Members(jsontext.Member{Name: "id", To: &a.id}, jsontext.Member{Name: "key", To: &a.key})
	return a
}

func (d *decoder) event() *Event {
	a := d.attribute() // of the same shape
	return &Event{ID: a.id, Key: a.key}
}

// integration only checks, and notices Optimizely's data platform.
func (d *decoder) integration() {
	hasKey := false
	d.parser.Members(jsontext.Member{Name: "key", To: func() {
		hasKey = true
		if d.parser.Text() == "odp" {
			d.project.HasODP = true
		}
	}})
	if !hasKey {
		d.parser.Fail("an integration must have a key")
	}
}
