package results

import "iter"

// pageRows is how many rows lie together. A snapshot keeps as many under one key.
const pageRows = 2048

// table is rows that are only ever added, in pages. A slice of all of them would be copied as a whole each time it has to grow: with
// millions of rows that takes as long as all the rest of counting, and the garbage collector spins while it waits.
type table[T any] struct {
	pages [][]T // full ones, but for the last
}

func (t *table[T]) len() int {
	last := len(t.pages) - 1
	if last < 0 {
		return 0
	}
	return last*pageRows + len(t.pages[last])
}

// add adds a row and returns its index.
func (t *table[T]) add(row T) uint32 {
	last := len(t.pages) - 1
	switch {
	case last < 0:
		t.pages = append(t.pages, nil) // grows as it needs: most tables have no other
		last++
	case len(t.pages[last]) == pageRows:
		t.pages = append(t.pages, make([]T, 0, pageRows))
		last++
	}
	t.pages[last] = append(t.pages[last], row)
	return uint32(t.len() - 1) //nolint:gosec // bounded by maxVisitors, and the log's size
}

// at returns a row, good until the next add.
func (t *table[T]) at(i uint32) *T { return &t.pages[i/pageRows][i%pageRows] }

// all returns the rows and their indices.
func (t *table[T]) all() iter.Seq2[uint32, *T] {
	return func(yield func(uint32, *T) bool) {
		i := uint32(0)
		for _, page := range t.pages {
			for at := range page {
				if !yield(i, &page[at]) {
					return
				}
				i++
			}
		}
	}
}
