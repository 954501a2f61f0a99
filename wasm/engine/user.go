package engine

import (
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/decision"
)

// BucketingIDAttribute is the attribute whose text, even when empty, is hashed in place of the user's id.
const BucketingIDAttribute = "$opt_bucketing_id"

// User is a visitor with the attributes an Engine's datafile knows.
type User struct {
	decision.User
}

// NewUser makes a user. Attribute values are strings, booleans and Go's numbers; nil is JavaScript's null; anything else is
// present but matches nothing. Attributes the datafile does not mention have no effect on decisions.
func (e *Engine) NewUser(id string, attributes map[string]any) *User {
	u := &User{}
	u.ID = id
	u.Attributes = make([]audience.Value, len(e.project.AttributeKeys))
	bucketingID := id
	for key, value := range attributes {
		v := valueOf(value)
		if key == BucketingIDAttribute && v.Kind == audience.Text {
			bucketingID = v.Text
		}
		if slot, ok := e.project.AttributeSlot(key); ok {
			u.Attributes[slot] = v
		}
	}
	u.Bucketing = bucketing.NewPrefix(bucketingID)
	return u
}
