package event

import (
	"slices"

	"sortition/wasm/engine/internal/jsontext"
)

// Part is what somebody who passes a batch on needs of a visitor.
type Part struct {
	Raw    string // exact source text
	Events int    // in it
}

// Parts returns the visitors of a decoded batch as parts.
func (b *Batch) Parts() []Part {
	parts := make([]Part, len(b.Visitors))
	for i := range b.Visitors {
		v := &b.Visitors[i]
		parts[i].Raw = v.Raw
		for j := range v.Snapshots {
			parts[i].Events += len(v.Snapshots[j].Events)
		}
	}
	return parts
}

// DecodeParts reads a batch that Decode took before, in less time: of the visitors only their parts, and the batch
// has none. Of what is wrong it finds less than Decode.
func DecodeParts(body string) (*Batch, []Part, error) {
	b := new(Batch)
	var parts []Part
	r := reader{Parser: jsontext.New(body)}
	err := r.envelope(b, body, func() {
		r.Array(func(i int) {
			if parts = append(parts, r.part()); i == 0 && !r.Failed() {
				parts = slices.Grow(parts, r.Left()/len(parts[0].Raw)) // as if all were as long
			}
		})
	})
	if err != nil {
		return nil, nil, err
	}
	return b, parts, nil
}

func (r *reader) part() (p Part) {
	p.Raw = r.Source(func() {
		r.member("snapshots", func() {
			r.Array(func(int) {
				r.member("events", func() {
					r.Array(func(int) {
						p.Events++
						r.Skip()
					})
				})
			})
		})
	})
	return p
}

// member reads one member of an object, and passes over the others.
func (r *reader) member(name string, value func()) {
	r.Object(func(key string) {
		if key == name {
			value()
		} else {
			r.Skip()
		}
	})
}
