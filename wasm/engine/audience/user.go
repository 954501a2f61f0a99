package audience

// User is what conditions ask about.
type User struct {
	Attributes []Value  // by the slots of the Compiler; may be shorter, what is beyond is Absent
	Segments   []string // qualified segments of Optimizely's data platform; none when they were never fetched
}

// attribute returns the user's value at a slot, to be read in place: a Value is large.
func (u *User) attribute(slot int32) *Value {
	if int(slot) < len(u.Attributes) {
		return &u.Attributes[slot]
	}
	return &absent
}

var absent Value
