// Package names finds entries of a datafile by what names them.
package names

import "sortition/wasm/engine/internal/text"

// Table finds entries by a name, their id or their key: of those that share one, the last. It is a table of indexes that is filled once,
// which takes a fraction of what filling a map does, and nothing of it has to be looked at by the collector.
// That all entries are pointers has the compiler make it once.
type Table[P any] struct {
	Entries []P
	Shared  bool // two entries have one name
	Name    func(P) string
	slots   []uint32 // 1 more than an index of Entries, or 0; at least half of them
}

// Of returns the names of entries. Where they are those of earlier ones, in their order, the table is theirs.
func Of[P any](entries []P, name func(P) string, earlier Table[P]) Table[P] {
	t := Table[P]{Entries: entries, Shared: earlier.Shared, Name: name, slots: earlier.slots}
	if t.slots != nil && sameNames(entries, earlier.Entries, name) {
		return t
	}
	size := 4
	for size < 2*len(entries) {
		size *= 2
	}
	t.slots, t.Shared = make([]uint32, size), false
	for i, entry := range entries {
		slot := t.slot(name(entry))
		t.Shared = t.Shared || *slot != 0
		*slot = uint32(i + 1)
	}
	return t
}

// Find returns the last entry with a name, or nil.
func (t *Table[P]) Find(name string) (entry P) {
	if len(t.slots) == 0 {
		return entry
	}
	if at := *t.slot(name); at != 0 {
		return t.Entries[at-1]
	}
	return entry
}

// slot is where a name is, or would be.
func (t *Table[P]) slot(name string) *uint32 {
	mask := len(t.slots) - 1
	for at := text.Hash(name) & mask; ; at = (at + 1) & mask {
		slot := &t.slots[at]
		if *slot == 0 || t.Name(t.Entries[*slot-1]) == name {
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
