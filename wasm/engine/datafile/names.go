package datafile

import "sortition/wasm/engine/internal/text"

// names finds entries by a name, their id or their key: of those that share one, the last. It is a table of indexes that is filled once,
// which takes a fraction of what filling a map does, and nothing of it has to be looked at by the collector.
// That all entries are pointers has the compiler make it once.
type names[P any] struct {
	entries []P
	name    func(P) string
	slots   []uint32 // 1 more than an index of entries, or 0; at least half of them
	shared  bool     // two entries have one name
}

// nameAll returns the names of entries. Where they are those of earlier ones, in their order, the table is theirs.
func nameAll[P any](entries []P, name func(P) string, earlier names[P]) names[P] {
	n := names[P]{entries: entries, name: name, slots: earlier.slots, shared: earlier.shared}
	if n.slots != nil && sameNames(entries, earlier.entries, name) {
		return n
	}
	size := 4
	for size < 2*len(entries) {
		size *= 2
	}
	n.slots, n.shared = make([]uint32, size), false
	for i, entry := range entries {
		slot := n.slot(name(entry))
		n.shared = n.shared || *slot != 0
		*slot = uint32(i + 1)
	}
	return n
}

// find returns the last entry with a name, or nil.
func (n *names[P]) find(name string) (entry P) {
	if len(n.slots) == 0 {
		return entry
	}
	if at := *n.slot(name); at != 0 {
		return n.entries[at-1]
	}
	return entry
}

// slot is where a name is, or would be.
func (n *names[P]) slot(name string) *uint32 {
	mask := len(n.slots) - 1
	for at := text.Hash(name) & mask; ; at = (at + 1) & mask {
		slot := &n.slots[at]
		if *slot == 0 || n.name(n.entries[*slot-1]) == name {
			return slot
		}
	}
}

// sameNames tells whether entries have the names of others, in their order.
func sameNames[P any](a, b []P, name func(P) string) bool {
	same := len(a) == len(b)
	for i := 0; same && i < len(a); i++ {
		same = text.Equal(name(a[i]), name(b[i]))
	}
	return same
}
