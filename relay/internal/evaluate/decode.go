package evaluate

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"sortition/wasm/engine/audience"
)

// FieldError is what is wrong with a request.
type FieldError struct {
	Field    string // of the body, or a parameter; "" when it is the body as a whole
	Sentence string
}

func (e *FieldError) Error() string { return e.Sentence }

// unparsed is a FieldError in Agent's words, with the reason.
func unparsed(field, problem string) *FieldError {
	return &FieldError{field, "error parsing request body: " + problem}
}

// member is a member of a body: the value of a scalar, or the source of an array or object.
type member struct {
	key    string
	value  audience.Value
	source string
}

// readMembers calls each with the members of a body, but for those that are null, until it returns an error. Whoever uses
// encoding/json takes names in any case, as Agent does, so each should too.
func readMembers(body string, each func(member) *FieldError) (problem *FieldError) {
	if !utf8.ValidString(body) {
		return unparsed("", "it is not valid UTF-8")
	}
	err := audience.ReadMembers(body, func(key string, value audience.Value, source string) {
		if problem == nil && value.Kind != audience.Null {
			problem = each(member{key, value, source})
		}
	})
	if err != nil {
		return unparsed("", err.Error())
	}
	return problem
}

func (m member) is(name string) bool { return strings.EqualFold(m.key, name) }

// text reads a string.
func (m member) text(into *string) *FieldError {
	*into = m.value.Text
	return m.must(m.value.Kind == audience.Text, "a string")
}

// flag reads true or false.
func (m member) flag(into *bool) *FieldError {
	*into = m.value.Bool
	return m.must(m.value.Kind == audience.Boolean, "true or false")
}

// object reads the source of an object.
func (m member) object(into *string) *FieldError {
	*into = m.source
	return m.must(strings.HasPrefix(m.source, "{"), "an object")
}

func (m member) must(be bool, what string) *FieldError {
	if be {
		return nil
	}
	kind := map[audience.Kind]string{audience.Boolean: "bool", audience.Number: "number", audience.Text: "string", audience.Other: "array"}[m.value.Kind]
	if strings.HasPrefix(m.source, "{") {
		kind = "object"
	}
	return unparsed(m.key, fmt.Sprintf("%s must be %s, not %s", m.key, what, kind))
}

// texts reads an array of texts.
func (m member) texts(into *[]string) *FieldError {
	if list, ok := plainTexts(m.source); ok {
		*into = list
		return nil
	}
	return m.list(into)
}

// plainTexts reads an array of texts without escapes, as nearly all are, and tells whether it is one. The source is JSON.
func plainTexts(source string) (list []string, ok bool) {
	if !strings.HasPrefix(source, "[") || strings.Contains(source, `\`) {
		return nil, false
	}
	for rest := source[1:]; ; {
		before, quoted, found := strings.Cut(rest, `"`)
		before = strings.Trim(before, ", \t\r\n")
		if !found || before != "" {
			return list, before == "]" // else another kind stands there
		}
		var text string
		text, rest, _ = strings.Cut(quoted, `"`)
		list = append(list, text)
	}
}

// list reads an array, whose elements are seldom so many that it matters how.
func (m member) list(into any) *FieldError {
	if problem := m.must(strings.HasPrefix(m.source, "["), "an array"); problem != nil {
		return problem
	}
	err := json.Unmarshal([]byte(m.source), into)
	var mistyped *json.UnmarshalTypeError
	switch {
	case errors.As(err, &mistyped):
		field := strings.TrimSuffix(m.key+"."+mistyped.Field, ".")
		return unparsed(field, fmt.Sprintf("%s must be %s, not %s", field, kindOf(mistyped.Type), cmp.Or(mistyped.Value, "something else")))
	case err != nil:
		return unparsed(m.key, m.key+": "+err.Error())
	}
	return nil
}

// kindOf is what JSON calls a type of Go's, of those that a list may have.
func kindOf(t reflect.Type) string {
	if t.Kind() == reflect.Struct {
		return "an object"
	}
	return "a string"
}
