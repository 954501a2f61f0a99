package main

// function is the body of a function as Go writes it: a table, then one segment after the other. A block ends before each of
// them, so that the table leads there by leaving that block.
type function struct {
	head     []byte // the locals, and what is done before the table
	unwinds  bool   // whether calls may have it end early, to switch goroutines, by leaving a block around everything
	table    []int  // the segment that each number leads to; the last entry is for all other numbers
	segments []segment
}

// segment is the code between two places that jumps or resumes lead to.
type segment struct {
	parts   []part
	falls   bool // whether its end may be reached, after which the next segment follows
	resumed bool // whether a goroutine may go on at its start
}

// part is one step of a segment.
type part struct {
	kind partKind
	text []byte // the instruction; of kind unwind, its opcode
	to   int    // the segment that a jump leads to
}

type partKind int

const (
	plain  partKind = iota // an instruction that stays as it is
	open                   // block, loop or if
	closed                 // end
	jump                   // to the start of a segment
	unwind                 // br or br_if out of everything
)

// at returns the segment that a number leads to.
func (f *function) at(number int64) int {
	if number < 0 || number >= int64(len(f.table)) {
		return f.table[len(f.table)-1]
	}
	return f.table[number]
}

// leads returns the segments that a segment leads to.
func (f *function) leads(from int) []int {
	var to []int
	for _, p := range f.segments[from].parts {
		if p.kind == jump {
			to = append(to, p.to)
		}
	}
	if f.segments[from].falls && from+1 < len(f.segments) {
		to = append(to, from+1)
	}
	return to
}
