package engine

import (
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/text"
)

// AppendOutcome appends what never changes about a decision, as a host across a boundary keeps it: the names of the rule and the
// variation, null for none, whether the flag is on, and its variables with the texts of their values, which the host reads by their
// types: public/sdk/engine/outcome.js does.
func (e *Engine) AppendOutcome(dst []byte, d *Decision) []byte {
	ruleID, variationID := "", ""
	if d.Rule != nil {
		ruleID = d.Rule.ID
	}
	if d.Variation != nil {
		variationID = d.Variation.ID
	}
	dst = appendMember(dst, `{"ruleKey":`, d.RuleKey(), d.Rule == nil)
	dst = appendMember(dst, `,"ruleId":`, ruleID, d.Rule == nil)
	dst = appendMember(dst, `,"variationKey":`, d.VariationKey(), d.Variation == nil)
	dst = appendMember(dst, `,"variationId":`, variationID, d.Variation == nil)
	dst = text.Append(text.Append(dst, `,"enabled":`), d.Variation.EnabledJSON())
	dst = text.Append(dst, `,"variables":[`)
	for i, v := range d.Flag.Variables {
		if i > 0 {
			dst = text.Append(dst, ",")
		}
		dst = appendMember(dst, `{"key":`, v.Key, false)
		dst = appendMember(dst, `,"type":`, v.Type, false)
		dst = text.Append(dst, `,"value":`)
		dst = text.Append(jsontext.AppendQuote(dst, e.variableText(v, d.Enabled(), d.Variation)), "}")
	}
	return text.Append(dst, "]}")
}

// appendMember appends a member of text, or null.
func appendMember(dst []byte, name, value string, null bool) []byte {
	dst = text.Append(dst, name)
	if null {
		return text.Append(dst, "null")
	}
	return jsontext.AppendQuote(dst, value)
}
