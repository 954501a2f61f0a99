// Package demotest makes event batches of the demo's project.
package demotest

import (
	"fmt"
	"strings"

	"sortition/relay/internal/relaytest"
)

// Ids in the demo's datafile.
const (
	accountID  = "12198292375"
	projectID  = "20410805626"
	Experiment = "20417730841"
	Price      = "20402531206" // a variation, as is Category
	Category   = "20422043318"
	Event      = "20406161497"
	EventKey   = "item_purchase"
)

// Body is [relaytest.Body] for the demo's project.
func Body(visitors ...string) string {
	body := relaytest.BodyOf(projectID, visitors...)
	return strings.Replace(body, fmt.Sprintf(`"account_id":%q`, relaytest.AccountID), fmt.Sprintf(`"account_id":%q`, accountID), 1)
}

// Purchase is a batch of a visitor of this number who is exposed to the demo's experiment and buys.
func Purchase(number int64) (body string, uuids []string) {
	visitor, at := fmt.Sprint("visitor-", number), int64(1_790_000_000_000)+number
	uuids = []string{fmt.Sprint("exposure-", number), fmt.Sprint("purchase-", number)}
	return Body(
		relaytest.Impression(visitor, Experiment, Price, uuids[0], at),
		relaytest.Conversion(visitor, Event, EventKey, uuids[1], at+1, 100),
	), uuids
}
