package evaluate

import (
	"encoding/json"
	"strconv"
)

// Answer is what Agent answers to a decision, a Decision or Decisions. It writes itself, as encoding/json would, in a tenth of the time.
type Answer interface {
	// AppendJSON appends the answer. What came as JSON, attributes and variables, stays as it is.
	AppendJSON(dst []byte) []byte
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

// AppendJSON implements Answer.
func (d Decisions) AppendJSON(dst []byte) []byte {
	dst = append(dst, '[')
	for i := range d {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = d[i].AppendJSON(dst)
	}
	return append(dst, ']')
}

// AppendJSON implements Answer.
func (d *Decision) AppendJSON(dst []byte) []byte {
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
