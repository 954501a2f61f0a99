package datafile

import "sortition/wasm/engine/internal/jsontext"

// list reads an array of items of one sort.
func list[T any](p *jsontext.Parser, item func(*jsontext.Parser) T) []T {
	var items []T
	p.Array(func(int) { items = append(items, item(p)) })
	return items
}

// section is list for entities, which the official SDK reads as well: what it cannot read is refused.
func section[T any](d *decoder, entity func(*decoder) T) []T {
	requireList(d.parser)
	return list(d.parser, func(p *jsontext.Parser) T {
		requireEntity(p)
		return entity(d)
	})
}

// subsection is section for one of many, which it keeps behind each other: they are too many for an allocation each.
func subsection[T any](d *decoder, all *[]T, entity func(*decoder) T) []T {
	requireList(d.parser)
	from := len(*all)
	d.parser.Array(func(int) {
		requireEntity(d.parser)
		t := entity(d)
		*all = append(*all, t)
	})
	return (*all)[from:len(*all):len(*all)]
}

// requireList fails where there is no list, unless JavaScript takes what there is for false: to the official SDK that is as good as an empty
// one.
func requireList(p *jsontext.Parser) {
	if p.Kind() != jsontext.Array {
		requireFalse(p)
	}
}

//go:noinline
func requireFalse(p *jsontext.Parser) {
	if isTrue(jsontext.New(p.Rest()).Raw()) {
		p.Fail("expected a list")
	}
}

// requireEntity fails where there is null, which has no members. Any other value has those that an entity may have, none of them set.
func requireEntity(p *jsontext.Parser) {
	if p.Kind() == jsontext.Null {
		p.Fail("expected an object")
	}
}

// requireExtensible is requireEntity for what the official SDK adds members to.
func requireExtensible(p *jsontext.Parser) {
	switch p.Kind() {
	case jsontext.Null, jsontext.Bool, jsontext.Number, jsontext.String:
		p.Fail("expected an object")
	}
}

// blocks hands out zero values, many of which share an allocation: one for each took a sixth of the time that reading takes.
type blocks[T any] struct{ free []T }

func (b *blocks[T]) next() *T {
	if len(b.free) == 0 {
		b.free = make([]T, 32)
	}
	t := &b.free[0]
	b.free = b.free[1:]
	return t
}
