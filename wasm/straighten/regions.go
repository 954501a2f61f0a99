package main

import (
	"cmp"
	"slices"
)

// region is a segment, or a loop of regions, which is entered by the segment called head.
type region struct {
	head  int
	items []region // of a loop, in the order they are written in; head is the first one's
}

// flow is how a function's segments, which are called by their numbers, lead to each other. Outside leads to the first one and to those that
// are resumed.
type flow struct {
	order []int   // the segments that something leads to, each behind those that lead to it, but for ways back
	place []int   // of each segment in the order
	from  [][]int // what leads to each segment
	above []int   // the last segment that all ways to it pass (its immediate dominator), or outside
}

const outside = -1

// regions returns the function as regions, with the loops that could be made of its jumps back. They are in an order in which jumps lead
// forward, as far as they can.
func (f *function) regions() []region {
	w := f.flow()
	all := make([]region, len(w.order))
	for i, segment := range w.order {
		all[i] = region{head: segment}
	}
	for _, body := range w.loops() {
		all = enclose(all, body)
	}
	return all
}

// flow orders the segments.
func (f *function) flow() *flow {
	n := len(f.segments)
	w := &flow{place: make([]int, n), from: make([][]int, n), above: make([]int, n)}
	leads := make([][]int, n)
	for i := range n {
		leads[i] = f.leads(i)
	}
	seen := make([]bool, n)
	seen[0] = true // as it is the last one to be finished, whatever leads back to it
	var finish func(segment int)
	finish = func(segment int) {
		seen[segment] = true
		for _, to := range leads[segment] { // what follows comes last, so that it will be the next
			if !seen[to] {
				finish(to)
			}
		}
		w.order = append(w.order, segment)
	}
	for segment := n - 1; segment > 0; segment-- {
		if !seen[segment] && f.segments[segment].resumed {
			finish(segment)
		}
	}
	finish(0)
	slices.Reverse(w.order)
	for i, segment := range w.order {
		w.place[segment] = i
		if segment == 0 || f.segments[segment].resumed {
			w.from[segment] = append(w.from[segment], outside)
		}
		for _, to := range leads[segment] {
			w.from[to] = append(w.from[to], segment)
		}
	}
	w.rank()
	return w
}

// rank finds what is above each segment.
func (w *flow) rank() {
	const unknown = -2
	for i := range w.above {
		w.above[i] = unknown
	}
	for again := true; again; {
		again = false
		for _, segment := range w.order {
			above := unknown
			for _, from := range w.from[segment] {
				switch {
				case from != outside && w.above[from] == unknown:
				case above == unknown:
					above = from
				default:
					above = w.common(above, from)
				}
			}
			if above != w.above[segment] {
				w.above[segment], again = above, true
			}
		}
	}
}

// common returns the last of what is above both, or one of them.
func (w *flow) common(a, b int) int {
	for a != b {
		switch {
		case a < 0 || b < 0:
			return outside
		case w.place[a] > w.place[b]:
			a = w.above[a]
		default:
			b = w.above[b]
		}
	}
	return a
}

// loop is what is repeated: the head, and all that lead back to it without leaving.
type loop struct {
	head int
	body map[int]bool
}

// loops returns those whose every round begins with the head, the ones within others first, but for those that the table leads into: to a
// segment that is jumped back to and is no head, as not all ways there pass it.
func (w *flow) loops() (all []loop) {
	var listed []int
	for _, head := range w.order {
		l := loop{head: head}
		for _, from := range w.from[head] {
			switch {
			case from == outside:
			case w.common(head, from) == head:
				if l.body == nil {
					l.body = map[int]bool{head: true}
				}
				w.gather(l.body, from)
			case w.place[from] > w.place[head]:
				listed = append(listed, head)
			}
		}
		if l.body != nil {
			all = append(all, l)
		}
	}
	all = slices.DeleteFunc(all, func(l loop) bool {
		return slices.ContainsFunc(listed, func(segment int) bool { return segment != l.head && l.body[segment] })
	})
	slices.SortStableFunc(all, func(a, b loop) int { return cmp.Compare(len(a.body), len(b.body)) })
	return all
}

// gather adds a segment and all that lead to it.
func (w *flow) gather(body map[int]bool, segment int) {
	if body[segment] {
		return
	}
	body[segment] = true
	for _, from := range w.from[segment] {
		w.gather(body, from)
	}
}

// enclose makes one region of those that a loop repeats, where its head is.
func enclose(all []region, l loop) (enclosed []region) {
	at := 0
	var items []region
	for _, r := range all {
		if r.head == l.head {
			at = len(enclosed)
		}
		if l.body[r.head] {
			items = append(items, r)
		} else {
			enclosed = append(enclosed, r)
		}
	}
	return slices.Insert(enclosed, at, region{l.head, items})
}
