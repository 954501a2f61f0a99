package engine

import (
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/decision"
)

// BucketingIDAttribute is the attribute whose text, even when empty, is hashed in place of the user's id.
const BucketingIDAttribute = "$opt_bucketing_id"

// User is a visitor with the attributes an Engine's datafile knows. Set Segments to the segments that qualify them, Reasons to learn
// why decisions came about, and Profile to have what is bucketed remembered.
type User struct {
	decision.User
	engine *Engine
}

// NewUser makes a user. Attribute values are strings, booleans and Go's numbers; nil is JavaScript's null; anything else is
// present but matches nothing. Attributes the datafile does not mention have no effect on decisions.
func (e *Engine) NewUser(id string, attributes map[string]any) *User {
	u := &User{engine: e}
	u.Attributes = make([]audience.Value, len(e.project.AttributeKeys))
	u.Renew(id, attributes)
	return u
}

// Renew makes u another user of the same Engine, in the memory it has: as NewUser, for whoever asks about many users, one by one.
func (u *User) Renew(id string, attributes map[string]any) {
	e, slots := u.engine, u.Attributes
	clear(slots)
	*u = User{engine: e}
	u.ID, u.Attributes = id, slots
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
}

// ReadUser is NewUser of attributes as a JSON object, such as `{"plan":"gold","age":42}`. The error says what is wrong with it, and
// where. The user keeps the text alive.
func (e *Engine) ReadUser(id, attributes string) (*User, error) {
	u := e.NewUser(id, nil)
	err := audience.ReadMembers(attributes, func(key string, value audience.Value, _ string) {
		if key == BucketingIDAttribute && value.Kind == audience.Text {
			u.Bucketing = bucketing.NewPrefix(value.Text)
		}
		if slot, ok := e.project.AttributeSlot(key); ok {
			u.Attributes[slot] = value
		}
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

// Meets tells whether the user meets the conditions of an experiment, holdout or delivery rule; unknown is no.
func (u *User) Meets(conditions *audience.Program) bool { return conditions.Matches(&u.User.User) }

// ForceDecision decides a flag for the user whatever its rules say. A variation that the flag does not have decides nothing, which
// the reasons then tell.
func (u *User) ForceDecision(flagKey, variationKey string) {
	u.Force(decision.Forced{Flag: u.engine.project.FlagByKey(flagKey)}, variationKey)
}

// ForceRule decides one experiment or delivery rule of a flag for the user.
func (u *User) ForceRule(flagKey, ruleKey, variationKey string) {
	u.Force(decision.Forced{Flag: u.engine.project.FlagByKey(flagKey), Rule: ruleKey, HasRule: true}, variationKey)
}
