// Package view writes what applications see of a project beside its decisions: what the official SDKs call OptimizelyConfig, and the
// objects that notifications of activations show.
//
// It is JSON of which JSON.parse makes the very objects that the official JavaScript SDK 6.6.1 shows. What the datafile writes, such
// as ids that are numbers, stays as it is there, and what it lacks is lacking. Entities that share a key all stand under it, as
// JSON.parse has the last one count, at the place of the first. Nothing is kept: all is read from the datafile when somebody asks, which
// few do, so what counts is how little code it is, and that reading calls what opening a datafile has called already.
package view

import (
	"sortition/wasm/engine/internal/ecma"
	"sortition/wasm/engine/internal/jsontext"
)

// raw is a value as the datafile writes it, "" for none.
type raw string

// at has a member be read as the datafile writes it.
func at(name string, to *raw) jsontext.Member {
	return jsontext.Member{Name: name, To: (*jsontext.Raw)(to)}
}

// member returns a member of an object.
//
//go:noinline
func (value raw) member(name string) (found raw) {
	jsontext.New(string(value)).Members(at(name, &found))
	return found
}

// name is what JavaScript makes of a value that names something, be it a member or a part of a sentence: String(value).
//
//go:noinline
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

// isText tells whether the value is a string, which then stands as it is wherever JSON has one, such as for a member's name.
func (value raw) isText() bool { return value != "" && value[0] == '"' }

func (value raw) isList() bool { return value != "" && value[0] == '[' }

// isTrue tells whether JavaScript takes a value for true.
func (value raw) isTrue() bool {
	switch value {
	case "", "null", "false", `""`:
		return false
	}
	p := jsontext.New(string(value))
	return p.Kind() != jsontext.Number || p.Number() != 0
}

// items returns the items of a list.
//
//go:noinline
func (value raw) items() (all []raw) {
	p := jsontext.New(string(value))
	p.Array(func(int) { all = append(all, raw(p.Raw())) })
	return all
}

// or is another value where JavaScript's ?? has one.
//
//go:noinline
func (value raw) or(other raw) raw {
	if value == "" || jsontext.New(string(value)).Kind() == jsontext.Null {
		return other
	}
	return value
}
