package evaluate

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// FieldError is what is wrong with a request.
type FieldError struct {
	Field    string // of the body, or a parameter; "" when it is the body as a whole
	Sentence string
}

func (e *FieldError) Error() string { return e.Sentence }

// decode reads a JSON object. Members that into does not have are passed over: clients of other versions may send them.
func decode(body string, into any) *FieldError {
	if !utf8.ValidString(body) {
		return &FieldError{Sentence: "error parsing request body: it is not valid UTF-8"}
	}
	err := json.Unmarshal([]byte(body), into)
	var mistyped *json.UnmarshalTypeError
	switch {
	case errors.As(err, &mistyped):
		field := strings.TrimPrefix(mistyped.Field, "agentUser.") // which is embedded, so nobody else knows of it
		return &FieldError{field, fmt.Sprintf("error parsing request body: %s must be %s, not %s", cmp.Or(field, "it"), kindOf(mistyped.Type), mistyped.Value)}
	case err != nil:
		return &FieldError{Sentence: "error parsing request body: " + err.Error()}
	}
	return nil
}

// kindOf is what JSON calls a type of Go's.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a number"
}
