package event

import (
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/text"
)

// Attribute is what a visitor brings along, named by the id and the key it has in the datafile.
type Attribute struct {
	_             lean.Uncompared
	EntityID, Key string
	Value         audience.Value
}

// EntityID returns the id an attribute is sent under, or "" when it is not sent: its id in the datafile, or, of those of
// Optimizely's own that the datafile does not know (id ""), its key.
func EntityID(id, key string) string {
	if id == "" && text.HasPrefix(key, "$opt_") {
		return key
	}
	return id
}

// BotFiltering is the attribute that goes last, after the user's own, where the datafile says whether to filter bots.
func BotFiltering(on bool) Attribute {
	const key = "$opt_bot_filtering"
	return Attribute{EntityID: key, Key: key, Value: audience.OfBool(on)}
}

// sent tells whether an attribute goes on the wire: text, booleans and numbers do, as far as conditions compare them.
func (a *Attribute) sent() bool {
	switch a.Value.Kind {
	case audience.Text, audience.Boolean:
		return a.EntityID != ""
	default:
		return a.EntityID != "" && a.Value.Finite()
	}
}
