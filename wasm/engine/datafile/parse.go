package datafile

import (
	"math"
	"unicode/utf8"

	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/internal/jsontext"
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
	d := decoder{parser: jsontext.New(text), project: &Project{Text: text, Region: "US"}}
	if d.parser.Kind() != jsontext.Object {
		d.parser.Fail("a datafile is a JSON object")
	}
	d.parser.Object(d.member)
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

	experiments      []*Experiment
	hasExperiments   bool
	groupExperiments []*Experiment
	rules            []*Experiment
	audienceLists    []audienceList
	legacyAudiences  []audienceText
	typedAudiences   []audienceText
	attributes       []attribute
}

type audienceText struct{ id, conditions string }

type audienceList struct {
	experiment *Experiment
	ids        string // JSON text of a list or tree
}

type attribute struct{ id, key string }

// member reads one top-level field.
func (d *decoder) member(key string) {
	p, project := d.parser, d.project
	switch key {
	case "version":
		project.Version = d.version()
	case "revision":
		d.revision()
	case "accountId":
		project.AccountID = p.Text()
	case "projectId":
		project.ProjectID = p.Text()
	case "sdkKey":
		project.SDKKey = p.Text()
	case "region":
		if region := p.Text(); region != "" {
			project.Region = region
		}
	case "anonymizeIP":
		project.AnonymizeIP = p.Bool()
	case "botFiltering":
		project.HasBotFiltering = p.Kind() == jsontext.Bool
		project.BotFiltering = p.Bool()
	default:
		d.section(key)
	}
}

// section reads one top-level list.
func (d *decoder) section(key string) {
	switch key {
	case "experiments":
		d.hasExperiments = d.parser.Kind() == jsontext.Array
		d.experiments = list(d, d.experiment)
	case "groups":
		d.groupExperiments = nil
		d.project.Groups = list(d, d.group)
	case "rollouts":
		d.rules = nil
		d.parser.Array(func(int) { d.rollout() })
	case "featureFlags":
		d.project.Flags = list(d, d.flag)
	case "audiences":
		d.legacyAudiences = list(d, d.legacyAudience)
	case "typedAudiences":
		d.typedAudiences = list(d, d.typedAudience)
	case "attributes":
		d.attributes = list(d, d.attribute)
	case "events":
		d.project.Events = list(d, d.event)
	case "integrations":
		d.parser.Array(func(int) { d.integration() })
	default:
		d.parser.Skip()
	}
}

// list reads an array of items of one sort.
func list[T any](d *decoder, item func() T) []T {
	var items []T
	d.parser.Array(func(int) { items = append(items, item()) })
	return items
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

func (d *decoder) attribute() (a attribute) {
	d.parser.Object(func(key string) {
		switch key {
		case "id":
			a.id = d.parser.Text()
		case "key":
			a.key = d.parser.Text()
		default:
			d.parser.Skip()
		}
	})
	return a
}

func (d *decoder) event() *Event {
	a := d.attribute() // of the same shape
	return &Event{ID: a.id, Key: a.key}
}

// integration only checks: a later part of the product will read what ODP needs.
func (d *decoder) integration() {
	hasKey := false
	d.parser.Object(func(key string) {
		hasKey = hasKey || key == "key"
		d.parser.Skip()
	})
	if !hasKey {
		d.parser.Fail("an integration must have a key")
	}
}

func (d *decoder) allocation() []bucketing.Range {
	return list(d, func() (r bucketing.Range) {
		d.parser.Object(func(key string) {
			switch key {
			case "entityId":
				r.EntityID = d.parser.Text()
			case "endOfRange":
				r.EndOfRange = int(min(max(math.Ceil(d.parser.Number()), 0), bucketing.MaxTraffic))
			default:
				d.parser.Skip()
			}
		})
		return r
	})
}
