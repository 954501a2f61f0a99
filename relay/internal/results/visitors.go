package results

import (
	"math/bits"
	"math/rand/v2"
)

// visitor is where what is known of one begins.
type visitor struct {
	Hash                 uint64 // of the id
	Exposure, Conversion uint32
}

// visitors are the visitors of a project, in the order they came in, and a table
// to find them by their hash. It is open-addressed: a Go map takes 40 bytes a
// visitor, this one at most eleven, and stalls when it grows.
type visitors struct {
	rows  table[visitor]
	slots []uint32 // the length is a power of two
}

// A slot has one more than an index into rows, and above that the uppermost bits of the hash: they mostly tell a visitor from another
// one without a look at their row, which is somewhere else in memory. A slot of 0 is free.
const (
	indexBits = 23
	indexMask = 1<<indexBits - 1
)

func slotOf(at uint32, hash uint64) uint32 { return (at + 1) | tagOf(hash) }

func tagOf(hash uint64) uint32 { return uint32(hash>>32) &^ indexMask }

// scatter sends hashes to slots, with each start of the relay to others: ids can be made up whose hashes are alike where one wants
// them to be, and would otherwise all ask for one slot, each search then walking over all of them.
var scatter = rand.Uint64() | 1

// index returns the index of the visitor with the hash.
func (v *visitors) index(hash uint64) (uint32, bool) {
	if len(v.slots) == 0 {
		return 0, false
	}
	at := v.slots[v.find(hash)] & indexMask
	return at - 1, at != 0
}

// add adds a visitor who is not there, and returns their index.
func (v *visitors) add(hash uint64) uint32 {
	at := v.rows.add(visitor{Hash: hash})
	if v.rows.len() > len(v.slots)/4*3 {
		v.grow()
	}
	v.slots[v.find(hash)] = slotOf(at, hash)
	return at
}

// find returns the slot of a hash, or the free one it belongs in.
func (v *visitors) find(hash uint64) int {
	slot := v.home(hash)
	for v.slots[slot] != 0 && !v.isOf(v.slots[slot], hash) {
		slot = (slot + 1) & (len(v.slots) - 1)
	}
	return slot
}

// home returns the slot where the search for a hash begins: as many of the uppermost bits as the table's length has.
func (v *visitors) home(hash uint64) int {
	return int(hash * scatter >> bits.LeadingZeros64(uint64(len(v.slots)-1))) //nolint:gosec // below the length
}

// isOf tells whether a slot that is not free is of the visitor with the hash.
func (v *visitors) isOf(slot uint32, hash uint64) bool {
	return slot&^indexMask == tagOf(hash) && v.rows.at(slot&indexMask-1).Hash == hash
}

// grow makes a table that is at most three quarters full of the rows.
func (v *visitors) grow() {
	size := max(2*len(v.slots), 64)
	for v.rows.len() > size/4*3 {
		size *= 2
	}
	v.slots = make([]uint32, size)
	for at, row := range v.rows.all() {
		v.slots[v.find(row.Hash)] = slotOf(at, row.Hash)
	}
}
