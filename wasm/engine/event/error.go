package event

import "strconv"

// FieldError says what is wrong with a batch and where.
type FieldError struct {
	Field   string // such as "visitors[0].snapshots[0].events[0].uuid"; "" is the batch itself
	Message string // goes on from the field's name: "must be a string"
}

// Error gives one sentence, such as `visitors[0].visitor_id must be a string`.
func (e *FieldError) Error() string {
	if e.Field == "" {
		return "the batch " + e.Message
	}
	return e.Field + " " + e.Message
}

// within puts the element of a list that encloses the field in front of it.
func (e *FieldError) within(list string, i int) {
	element := list + "[" + strconv.Itoa(i) + "]"
	if e.Field != "" {
		element += "."
	}
	e.Field = element + e.Field
}
