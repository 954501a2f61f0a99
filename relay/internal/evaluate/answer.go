package evaluate

import (
	"bufio"
	"encoding/json"
	"strconv"
)

// Answer is what Agent answers: a Decision, Decisions or Activations. It writes itself as encoding/json would, but one after the other:
// each may repeat its visitor, and all of them together would be a hundred times as large as the request.
type Answer interface {
	// WriteJSON writes the answer. What came as JSON, attributes and variables, may stay as it is. An error stays in the writer.
	WriteJSON(w *bufio.Writer)
}

// Decision is what Agent says of one flag.
type Decision struct {
	VariationKey            string          `json:"variationKey"` // "" for none
	Enabled                 bool            `json:"enabled"`
	RuleKey                 string          `json:"ruleKey"` // "" for none
	FlagKey                 string          `json:"flagKey"`
	UserContext             UserContext     `json:"userContext"`
	Reasons                 []string        `json:"reasons"`
	Variables               json.RawMessage `json:"variables,omitempty"`
	IsEveryoneElseVariation bool            `json:"isEveryoneElseVariation"`
}

// UserContext is the user of a Decision as the request had them.
type UserContext struct {
	UserID     string          `json:"userId"`
	Attributes json.RawMessage `json:"attributes"`
}

// Decisions are what Agent says of several flags.
type Decisions []Decision

// WriteJSON implements Answer.
func (d Decisions) WriteJSON(w *bufio.Writer) {
	writeArray(w, len(d), func(i int) { d[i].WriteJSON(w) })
}

// writeArray writes an array of n members, each by a call of its own.
func writeArray(w *bufio.Writer, n int, member func(i int)) {
	_ = w.WriteByte('[')
	for i := range n {
		if i > 0 {
			_ = w.WriteByte(',')
		}
		member(i)
	}
	_ = w.WriteByte(']')
}

// WriteJSON implements Answer.
func (d *Decision) WriteJSON(w *bufio.Writer) { _, _ = w.Write(d.appendJSON(w.AvailableBuffer())) }

// appendJSON takes a tenth of the time of encoding/json.
func (d *Decision) appendJSON(dst []byte) []byte {
	dst = appendText(append(dst, `{"variationKey":`...), d.VariationKey)
	dst = strconv.AppendBool(append(dst, `,"enabled":`...), d.Enabled)
	dst = appendText(append(dst, `,"ruleKey":`...), d.RuleKey)
	dst = appendText(append(dst, `,"flagKey":`...), d.FlagKey)
	dst = appendText(append(dst, `,"userContext":{"userId":`...), d.UserContext.UserID)
	dst = append(append(dst, `,"attributes":`...), d.UserContext.Attributes...)
	dst = append(dst, `},"reasons":[`...)
	for i, reason := range d.Reasons {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, reason)
	}
	dst = append(dst, ']')
	if len(d.Variables) > 0 {
		dst = append(append(dst, `,"variables":`...), d.Variables...)
	}
	dst = strconv.AppendBool(append(dst, `,"isEveryoneElseVariation":`...), d.IsEveryoneElseVariation)
	return append(dst, '}')
}

// appendText appends a JSON string: most need nothing but the quotes.
func appendText(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // text always has a form in JSON
			return append(dst, quoted...)
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}
