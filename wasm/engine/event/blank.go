package event

import "sortition/wasm/engine/internal/text"

// A blank is what all impressions of a decision or all conversions of an event have in common, as a JSON list of what AppendImpression or
// AppendConversion makes members of, in the same order. A host makes events of it that tell besides who, when and with which tags:
// public/sdk/engine/event_maker.js does.

// AppendBlankImpression appends the ids of the campaign, the experiment and the variation, what the metadata has, and v's attributes.
func AppendBlankImpression(dst []byte, v *Visitor, d *Decision) []byte {
	campaign, variation := d.ids()
	dst = appendID(dst, "[", campaign)
	dst = appendText(dst, ",", d.ExperimentID)
	dst = appendID(dst, ",", variation)
	dst = appendText(dst, ",", d.Metadata.FlagKey)
	dst = appendText(dst, ",", d.Metadata.RuleKey)
	dst = appendText(dst, ",", d.Metadata.RuleType)
	dst = appendText(dst, ",", d.Metadata.VariationKey)
	dst = appendTruth(dst, ",", d.Metadata.EnabledJSON, d.Metadata.Enabled)
	return appendBlankEnd(dst, v)
}

// AppendBlankConversion appends the id and the key of an event, and v's attributes.
func AppendBlankConversion(dst []byte, v *Visitor, e *Event) []byte {
	return appendBlankEnd(appendText(appendText(dst, "[", e.EntityID), ",", e.Key), v)
}

func appendBlankEnd(dst []byte, v *Visitor) []byte {
	return append(appendAttributes(text.Append(dst, ","), v), ']')
}
