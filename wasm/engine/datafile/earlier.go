package datafile

import (
	"unsafe"

	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/text"
)

// A newer datafile is mostly the one before it: who changes an experiment changes a kilobyte of two megabytes. So what stands in both,
// byte for byte, is not read again but copied, its texts moved to where they stand in the newer one; nothing refers to the earlier
// text, so it is free to go. What entities say of each other is linked anew.

// part is a sort of entities. A legacy audience is no typed one of the same text: they read their conditions differently.
type part uint8

const (
	rules part = iota
	flags
	legacyAudiences
	typedAudiences
	parts
)

// near is how far from its place an entity is looked for: so many may be new in a row, or gone.
const near = 4

// again consumes the entity before the parser when it is one that was there before, and returns its place then, else -1.
func (d *decoder) again(of part) (place int, m move) {
	if d.parser.Kind() != jsontext.Object { // of which alone one can tell that it ends where the other does
		return -1, m
	}
	rest := d.parser.Rest()
	at, sources := d.places[of], d.earlier.sources[of]
	d.places[of]++
	for i := max(0, at-near); i <= at+near && i < len(sources); i++ {
		if source := sources[i]; len(source) <= len(rest) && text.Equal(source, rest[:len(source)]) {
			d.places[of] = i + 1
			d.parser.Advance(len(source))
			m = move{from: source, to: rest[:len(source)]}
			d.keep(of, m.to)
			return i, m
		}
	}
	return -1, m
}

// read reads an entity that is new and returns its source.
func (d *decoder) read(of part, members ...jsontext.Member) string {
	source := d.parser.Source(func() { d.parser.Members(members...) })
	d.keep(of, source)
	return source
}

// keep keeps the source of an entity for those who come later.
func (d *decoder) keep(of part, source string) {
	d.project.sources[of] = append(d.project.sources[of], source)
}

// move is where the same text stands earlier and now.
type move struct{ from, to string }

// How many texts lie behind each other in each entity, from its id on: a loop over them is a fraction of the code that naming each is.
const (
	textSize        = unsafe.Sizeof("")
	textsOfRule     = (unsafe.Offsetof(Experiment{}.source)-unsafe.Offsetof(Experiment{}.ID))/textSize + 1
	textsOfArm      = (unsafe.Offsetof(Variation{}.source)-unsafe.Offsetof(Variation{}.ID))/textSize + 1
	textsOfFlag     = (unsafe.Offsetof(Flag{}.variables)-unsafe.Offsetof(Flag{}.ID))/textSize + 1
	textsOfAudience = (unsafe.Offsetof(namedAudience{}.conditions)-unsafe.Offsetof(namedAudience{}.id))/textSize + 1
)

// texts moves texts that lie behind each other. What had escapes is not part of the datafile's text, and stays where it is.
func (m *move) texts(to, from *string, count uintptr) {
	moved := unsafe.Slice(to, count)
	for i, s := range unsafe.Slice(from, count) {
		at := uintptr(unsafe.Pointer(unsafe.StringData(s))) - uintptr(unsafe.Pointer(unsafe.StringData(m.from)))
		if at < uintptr(len(m.from)) {
			s = m.to[at:][:len(s)]
		}
		moved[i] = s
	}
}

// ruleAgain is the rule that again has found. What linking has added to a rule is not its own: to one of a feature rollout it adds a
// variation. A first project calls nothing of the kind, and so a page need not compile it.
func (d *decoder) ruleAgain(i int, m *move) *Experiment {
	old, e := d.earlier.rules[i], d.ruleBlocks.next()
	m.texts(&e.ID, &old.ID, textsOfRule)
	if old.Variations == nil {
		return e
	}
	from := len(d.variations)
	for _, v := range old.Variations[:old.own] {
		d.variations = append(d.variations, d.variationAgain(v, m))
	}
	e.Variations = d.variations[from:len(d.variations):len(d.variations)]
	return e
}

func (d *decoder) variationAgain(old *Variation, m *move) *Variation {
	v := d.variationBlocks.next()
	m.texts(&v.ID, &old.ID, textsOfArm)
	v.Enabled, v.hasValues = old.Enabled, old.hasValues
	return v
}

// flagAgain is ruleAgain for a flag.
func (d *decoder) flagAgain(i int, m *move) *Flag {
	old, f := d.earlier.Flags[i], d.flagBlocks.next()
	m.texts(&f.ID, &old.ID, textsOfFlag)
	f.HasList = old.HasList
	if count := len(old.experimentIDs); count != 0 {
		f.experimentIDs = make([]string, count)
		m.texts(&f.experimentIDs[0], &old.experimentIDs[0], uintptr(count))
	}
	return f
}

// audienceAgain is ruleAgain for an audience.
func (d *decoder) audienceAgain(of part, i int, m *move) *namedAudience {
	if of == typedAudiences {
		i += len(d.earlier.sources[legacyAudiences])
	}
	a := &namedAudience{isOld: true}
	m.texts(&a.id, &d.earlier.audiences.Entries[i].id, textsOfAudience)
	return a
}
