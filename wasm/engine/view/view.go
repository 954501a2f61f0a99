// Package view writes what applications see of a project beside its decisions: what the official SDKs call OptimizelyConfig, and the
// objects that notifications of activations show.
//
// It is JSON of which JSON.parse makes the very objects that the official JavaScript SDK 6.6.1 shows. What the datafile writes, such
// as ids that are numbers, stays as it is there, and what it lacks is lacking. Entities that share a key all stand under it, as
// JSON.parse has the last one count, at the place of the first. Nothing is kept: all is read from the datafile when somebody asks, which
// few do, so what counts is how little code it is.
package view

import (
	"sortition/wasm/engine/internal/ecma"
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/lean"
)

// raw is a value as the datafile writes it, "" for none.
type raw string

// name is what JavaScript makes of a value that names something, be it a member or a part of a sentence: String(value).
func (value raw) name() string {
	p := jsontext.New(string(value))
	switch p.Kind() {
	case jsontext.String:
		return p.String()
	case jsontext.Object:
		return "[object Object]"
	default:
		return string(ecma.AppendStringified(nil, string(value))) // "undefined" for none
	}
}

// isTrue tells whether JavaScript takes a value for true.
func (value raw) isTrue() bool {
	switch value {
	case "", "null", "false", `""`, "0":
		return false
	}
	return true
}

func (value raw) isList() bool { return jsontext.New(string(value)).Kind() == jsontext.Array }

// items returns the items of a list.
//
//go:noinline
func (value raw) items() (all []raw) {
	p := jsontext.New(string(value))
	p.Array(func(int) { all = append(all, raw(p.Raw())) })
	return all
}

// member is one of those that are read of entities of whatever sort, and of the datafile itself.
type member int

const (
	attributes member = iota
	audienceConditions
	audienceName
	conditions
	defaultValue
	environmentKey
	events
	featureEnabled
	featureFlags
	groups
	id
	key
	kind
	revision
	sdkKey
	subType
	trafficAllocation
	value
	variables
	variations
	members
)

var names = [members]string{
	attributes:         "attributes",
	audienceConditions: "audienceConditions",
	audienceName:       "name",
	conditions:         "conditions",
	defaultValue:       "defaultValue",
	environmentKey:     "environmentKey",
	events:             "events",
	featureEnabled:     "featureEnabled",
	featureFlags:       "featureFlags",
	groups:             "groups",
	id:                 "id",
	key:                "key",
	kind:               "type",
	revision:           "revision",
	sdkKey:             "sdkKey",
	subType:            "subType",
	trafficAllocation:  "trafficAllocation",
	value:              "value",
	variables:          "variables",
	variations:         "variations",
}

// What is written of entities, in the official order.
var (
	ofEntity      = []member{id, key}
	ofVariation   = []member{id, key, featureEnabled}
	ofDeclaration = []member{id, key, kind}
	ofVariable    = []member{id, key, kind, value}
	ofProject     = []member{sdkKey, environmentKey, attributes}
	ofRevision    = []member{events, revision}
	ofAudience    = []member{id, conditions, audienceName}
)

// entity is anything that has members.
type entity struct {
	_         lean.Uncompared
	raw       [members]raw
	variables []*entity // of a flag
}

//go:noinline
func read(source raw) *entity {
	e := &entity{}
	p := jsontext.New(string(source))
	p.Object(func(name string) {
		for m := range names {
			if names[m] == name {
				e.raw[m] = raw(p.Raw())
				return
			}
		}
		p.Skip()
	})
	return e
}

// name is what names the entity by a member.
//
//go:noinline
func (e *entity) name(by member) string { return e.raw[by].name() }

// index finds entities by name; of those that share one, the last.
type index map[string]*entity

//go:noinline
func (x index) add(name string, e *entity) { x[name] = e }

//go:noinline
func (x index) find(name string) *entity { return x[name] }
