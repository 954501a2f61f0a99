package results

import (
	"encoding/json"
	"strings"

	"sortition/wasm/engine/event"
)

// amounts takes note of a revenue or value that came with a conversion but is
// no number one can add up: text that is none, or one beyond maxAmount. The
// conversion counts without it.
func (n *noted) amounts(e *event.Event) {
	for _, amount := range []struct {
		name  string
		taken event.Amount
	}{{"revenue", e.Revenue}, {"value", e.Value}} {
		if amount.taken.Valid && !usable(amount.taken) || !amount.taken.Valid && tells(e, amount.name) {
			n.Amounts++
		}
	}
}

// tells whether an event has an amount of a name, be it a number or not.
func tells(e *event.Event, name string) bool {
	if !strings.Contains(e.Raw, `"`+name+`"`) {
		return false
	}
	var members, tags map[string]json.RawMessage
	if json.Unmarshal([]byte(e.Raw), &members) != nil {
		return false
	}
	_ = json.Unmarshal(members["tags"], &tags) // tags that are no object tell nothing
	return given(members[name]) || given(tags[name])
}

func given(value json.RawMessage) bool { return len(value) > 0 && string(value) != "null" }
