package relaytest

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
)

// The ids the batches of [Body], [Impression] and [Conversion] bear unless told otherwise.
const (
	AccountID = "1001"
	ProjectID = "2002"
	Revision  = "7"
)

// Body returns an event batch as the official JavaScript SDK sends it, with
// the visitors that Impression and Conversion return.
func Body(visitors ...string) string { return BodyOf(ProjectID, visitors...) }

// BodyOf is [Body] for a project of another id.
func BodyOf(projectID string, visitors ...string) string {
	return fmt.Sprintf(`{"account_id":%q,"project_id":%q,"revision":%q,"client_name":"javascript-sdk","client_version":"6.6.1",`+
		`"anonymize_ip":false,"enrich_decisions":true,"visitors":[%s]}`,
		AccountID, projectID, Revision, strings.Join(visitors, ","))
}

// Impression returns the visitor object of an exposure, at milliseconds since 1970.
func Impression(visitor, experiment, variation, uuid string, at int64) string {
	return fmt.Sprintf(`{"visitor_id":%q,"attributes":[],"snapshots":[{"decisions":[{"campaign_id":"50","experiment_id":%q,`+
		`"variation_id":%q,"metadata":{"flag_key":"","rule_key":"item-sort","rule_type":"experiment","variation_key":"v","enabled":true}}],`+
		`"events":[{"entity_id":"50","timestamp":%d,"key":"campaign_activated","uuid":%q}]}]}`,
		visitor, experiment, variation, at, uuid)
}

// Conversion returns the visitor object of a tracked event, with a revenue in
// cents unless that is zero.
func Conversion(visitor, eventID, key, uuid string, at, revenue int64) string {
	amount := ""
	if revenue != 0 {
		amount = fmt.Sprintf(`,"revenue":%d,"tags":{"revenue":%d}`, revenue, revenue)
	}
	return fmt.Sprintf(`{"visitor_id":%q,"attributes":[],"snapshots":[{"events":[{"entity_id":%q,"timestamp":%d,"key":%q,"uuid":%q%s}]}]}`,
		visitor, eventID, at, key, uuid, amount)
}

// Noise returns so many bytes of text, always the same, that nothing packs any shorter.
func Noise(length int) string {
	random := make([]byte, length)
	rand.NewChaCha8([32]byte{}).Read(random) //nolint:errcheck // it never fails
	return base64.RawURLEncoding.EncodeToString(random)[:length]
}
