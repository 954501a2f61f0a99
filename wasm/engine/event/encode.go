package event

import (
	"strconv"

	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/internal/ecma"
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/text"
)

// AppendEnvelope appends a batch up to and including `"visitors":[`. After it go visitors, with commas between them, and End.
func AppendEnvelope(dst []byte, b *Batch) []byte {
	dst = appendText(dst, `{"client_name":`, b.ClientName)
	dst = appendText(dst, `,"client_version":`, b.ClientVersion)
	dst = appendText(dst, `,"account_id":`, b.AccountID)
	dst = appendText(dst, `,"project_id":`, b.ProjectID)
	if b.RevisionJSON != "" {
		dst = text.Append(text.Append(dst, `,"revision":`), b.RevisionJSON)
	} else {
		dst = appendText(dst, `,"revision":`, b.Revision)
	}
	if b.Region != "" {
		dst = appendText(dst, `,"region":`, b.Region)
	}
	dst = appendTruth(dst, `,"anonymize_ip":`, b.AnonymizeIPJSON, b.AnonymizeIP)
	dst = appendBool(dst, `,"enrich_decisions":`, b.EnrichDecisions)
	return text.Append(dst, `,"visitors":[`)
}

// AppendImpression appends the visitor object that says v was shown the variation of d. Of v it takes ID and Attributes. A
// missing campaign is the experiment, and none of both null; so is a variation whose id is not all digits, since the event API
// takes no others.
func AppendImpression(dst []byte, v *Visitor, d *Decision, uuid string, timestamp int64) []byte {
	campaign, variation := d.ids()
	dst = appendID(dst, `{"snapshots":[{"decisions":[{"campaign_id":`, campaign)
	dst = appendText(dst, `,"experiment_id":`, d.ExperimentID)
	dst = appendID(dst, `,"variation_id":`, variation)
	dst = appendMetadata(dst, &d.Metadata)
	dst = appendID(dst, `}],"events":[{"entity_id":`, campaign)
	dst = appendTimestamp(dst, timestamp)
	dst = appendText(dst, `,"key":"`+Activated+`","uuid":`, uuid)
	return appendVisitorEnd(dst, v)
}

// ids returns the ids of the campaign and of the variation as the event API takes them, "" for none.
func (d *Decision) ids() (campaign, variation string) {
	campaign, variation = d.CampaignID, d.VariationID
	if campaign == "" {
		campaign = d.ExperimentID
	}
	if !text.IsDigits(variation) {
		variation = ""
	}
	return campaign, variation
}

func appendMetadata(dst []byte, m *Metadata) []byte {
	dst = appendText(dst, `,"metadata":{"flag_key":`, m.FlagKey)
	dst = appendText(dst, `,"rule_key":`, m.RuleKey)
	dst = appendText(dst, `,"rule_type":`, m.RuleType)
	dst = appendText(dst, `,"variation_key":`, m.VariationKey)
	dst = appendTruth(dst, `,"enabled":`, m.EnabledJSON, m.Enabled)
	if m.CmabUUID != "" {
		dst = appendText(dst, `,"cmab_uuid":`, m.CmabUUID)
	}
	return append(dst, '}')
}

// AppendConversion appends the visitor object that says e happened to v. Of v it takes ID and Attributes, of e what names it
// and its time; revenue and value come of the tags that bear these names. nil tags are left out, others sent even when empty.
func AppendConversion(dst []byte, v *Visitor, e *Event, tags []Tag) []byte {
	dst = appendText(dst, `{"snapshots":[{"events":[{"entity_id":`, e.EntityID)
	dst = appendText(dst, `,"key":`, e.Key)
	dst = appendTimestamp(dst, e.Timestamp)
	dst = appendText(dst, `,"uuid":`, e.UUID)
	if tags != nil {
		dst = appendTags(text.Append(dst, `,"tags":`), tags)
		dst = appendAmounts(dst, tags)
	}
	return appendVisitorEnd(dst, v)
}

// appendVisitorEnd closes the visitor's last event and snapshot and appends who the visitor is.
func appendVisitorEnd(dst []byte, v *Visitor) []byte {
	dst = appendText(dst, `}]}],"visitor_id":`, v.ID)
	return append(appendAttributes(text.Append(dst, `,"attributes":`), v), '}')
}

// appendAttributes appends those of the visitor's attributes that are sent, as a list.
func appendAttributes(dst []byte, v *Visitor) []byte {
	dst = append(dst, '[')
	for i := range v.Attributes {
		a := &v.Attributes[i]
		if !a.sent() {
			continue
		}
		dst = appendText(appendComma(dst), `{"entity_id":`, a.EntityID)
		dst = appendText(dst, `,"key":`, a.Key)
		dst = append(appendValue(text.Append(dst, `,"type":"custom","value":`), a.Value), '}')
	}
	return append(dst, ']')
}

// appendText appends the member that name begins.
func appendText(dst []byte, name, value string) []byte {
	return jsontext.AppendQuote(text.Append(dst, name), value)
}

// appendID is appendText with null for none.
func appendID(dst []byte, name, id string) []byte {
	if id == "" {
		return text.Append(text.Append(dst, name), "null")
	}
	return appendText(dst, name, id)
}

// appendTruth appends what a datafile has in place of a boolean, or the boolean.
func appendTruth(dst []byte, name, value string, b bool) []byte {
	if value != "" {
		return text.Append(text.Append(dst, name), value)
	}
	return appendBool(dst, name, b)
}

func appendBool(dst []byte, name string, b bool) []byte {
	return strconv.AppendBool(text.Append(dst, name), b)
}

func appendTimestamp(dst []byte, timestamp int64) []byte {
	return strconv.AppendInt(text.Append(dst, `,"timestamp":`), timestamp, 10)
}

// appendValue appends a scalar; what is none is null.
func appendValue(dst []byte, v audience.Value) []byte {
	switch v.Kind {
	case audience.Boolean:
		return strconv.AppendBool(dst, v.Bool)
	case audience.Number:
		return ecma.AppendNumber(dst, v.Number)
	case audience.Text:
		return jsontext.AppendQuote(dst, v.Text)
	default:
		return text.Append(dst, "null")
	}
}
