package event

import (
	"math"
	"slices"
	"strconv"

	"sortition/wasm/engine/internal/jsontext"
)

// reader reads a part of a batch. Its first error of meaning ends the reading as an error of syntax does: from then on every
// loop is over and every value zero.
type reader struct {
	*jsontext.Parser
	err   *FieldError // its Field counts from this reader's part
	bytes int         // of the batch

	slabs
	plain *plain // nil until it is needed
}

// slabs are what the lists of a batch are parts of: one of each kind for all of a batch takes less than one for each list.
type slabs struct {
	snapshots []Snapshot
	decisions []Decision
	events    []Event

	decided, attributed int // of the batch so far: its decisions, and its attributes
}

// small is a batch with room for one event, as most have, and its decision.
type small struct {
	Batch
	visitors  [1]Visitor
	snapshots [1]Snapshot
	decisions [1]Decision
	events    [1]Event
}

func (s *small) slabs() slabs {
	return slabs{snapshots: s.snapshots[:0], decisions: s.decisions[:0], events: s.events[:0]}
}

// reserve makes room for a batch that goes on as it began: with visitors as long as the first, and as much in each of them.
func (r *reader) reserve(b *Batch) {
	more := min(r.Left()/len(b.Visitors[0].Raw), MaxVisitors)
	if more == 0 {
		return
	}
	b.Visitors = slices.Grow(b.Visitors, more)
	r.snapshots = make([]Snapshot, 0, more*len(r.snapshots))
	r.decisions = make([]Decision, 0, min(more*len(r.decisions), r.most()))
	r.events = make([]Event, 0, more*len(r.events))
}

// most is how many decisions the batch may have, and how many attributes.
func (r *reader) most() int { return max(maxInAll, r.bytes/leastBytes) }

func (r *reader) fail(field, message string) {
	if !r.Failed() {
		r.err = &FieldError{Field: field, Message: message}
		r.Fail(message)
	}
}

// isOther tells whether the next value is of another kind than is wanted. What is no value at all is for the parser to report.
func (r *reader) isOther(want jsontext.Kind) bool {
	k := r.Kind()
	return k != want && k != jsontext.Invalid
}

// once fails when a member that must be unambiguous comes a second time: the relay and whoever reads the batch after it could
// take a different one of the two.
func (r *reader) once(seen *bool, field string) {
	if *seen {
		r.fail(field, "is there twice")
	}
	*seen = true
}

// readList reads an array of at most maxElements values onto the batch's slab of them. Lists of one kind never nest, so the values of
// one stand together there.
func readList[T any](r *reader, field string, slab *[]T, element func(*reader) T) []T {
	start := begin(slab)
	r.list(field, maxElements, func() { *slab = append(*slab, element(r)) })
	return since(*slab, start)
}

// begin returns where in a slab a list begins. A slab that is full stays as it is, and a smaller one goes on.
func begin[T any](slab *[]T) int {
	if len(*slab) == cap(*slab) {
		*slab = make([]T, 0, max(1, len(*slab)/4))
	}
	return len(*slab)
}

// since returns the list that began at start.
func since[T any](slab []T, start int) []T {
	if start == len(slab) {
		return nil
	}
	return slab[start:len(slab):len(slab)]
}

// list reads an array of at most limit values.
func (r *reader) list(field string, limit int, element func()) {
	if r.isOther(jsontext.Array) {
		r.fail(field, "must be an array")
		return
	}
	r.Array(func(i int) {
		if i == limit {
			r.fail(field, "has more than "+strconv.Itoa(limit)+" elements")
			return
		}
		if element(); r.err != nil {
			r.err.within(field, i)
		}
	})
}

// null consumes a null, and tells whether there was one.
func (r *reader) null() bool {
	if r.Kind() != jsontext.Null {
		return false
	}
	r.Skip()
	return true
}

// object reads an object, the part itself or an element of a list.
func (r *reader) object(member func(key string)) {
	if r.isOther(jsontext.Object) {
		r.fail("", "must be an object")
		return
	}
	r.Object(member)
}

// require fails when a member was not there.
func (r *reader) require(seen bool, field string) {
	if !seen {
		r.fail(field, "is missing")
	}
}

func (r *reader) text(field string) string {
	if r.isOther(jsontext.String) {
		r.fail(field, "must be a string")
	}
	return r.String()
}

func (r *reader) filledText(field string) string {
	s := r.text(field)
	if s == "" {
		r.fail(field, "must not be empty")
	}
	return s
}

func (r *reader) uuid(field string) string {
	s := r.filledText(field)
	if len(s) > maxUUID {
		r.fail(field, "must not be longer than "+strconv.Itoa(maxUUID)+" bytes")
	}
	return s
}

// id reads an id: text, or a number, or null for none.
func (r *reader) id(field string) string {
	switch r.Kind() {
	case jsontext.String, jsontext.Number, jsontext.Null, jsontext.Invalid:
	default:
		r.fail(field, "must be a string, a number or null")
	}
	return r.Text()
}

func (r *reader) integer(field string) int64 {
	if r.isOther(jsontext.Number) {
		r.fail(field, "must be an integer")
		return 0
	}
	literal := r.Raw()
	n, err := strconv.ParseInt(literal, 10, 64)
	if err == nil {
		return n
	}
	// 1.7e12 and 1700000000000.0 are integers too.
	f, _ := strconv.ParseFloat(literal, 64)
	switch {
	case f != math.Trunc(f):
		r.fail(field, "must be an integer")
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

func (r *reader) amount() Amount {
	if r.Kind() != jsontext.Number {
		r.Skip()
		return Amount{}
	}
	return finite(r.Number())
}

func (r *reader) tags() string {
	if r.Kind() != jsontext.Object {
		r.Skip()
		return ""
	}
	return r.Raw()
}
