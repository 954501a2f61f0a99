package datafile

import "sortition/wasm/engine/internal/jsontext"

// list reads an array of items of one sort.
func list[T any](p *jsontext.Parser, item func() T) []T {
	var items []T
	p.Array(func(int) { items = append(items, item()) })
	return items
}

// sublist is list for one of many lists, which it keeps behind each other: they are too many for an allocation each.
func sublist[T any](p *jsontext.Parser, all *[]T, item func() T) []T {
	from := len(*all)
	p.Array(func(int) {
		t := item()
		*all = append(*all, t)
	})
	return (*all)[from:len(*all):len(*all)]
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
