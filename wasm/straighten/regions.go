package main

import "slices"

// region is a segment, or a loop of regions. It holds the segments from first to last and is entered by the one called head.
type region struct {
	first, last int
	head        int
	items       []region // of a loop, in the order they are written in; head is the first one's
}

func (r region) holds(segment int) bool { return r.first <= segment && segment <= r.last }

// regions returns the function as regions, with the loops that could be made of its jumps back.
func (f *function) regions() []region {
	all := make([]region, len(f.segments))
	for i := range all {
		all[i] = region{first: i, last: i, head: i}
	}
	for _, stretch := range f.stretches() {
		all = f.enclose(all, stretch)
	}
	return all
}

// stretches returns, for each segment that is jumped back to, what lies between it and the last that does so. Short ones come
// first, as loops within loops are made first.
func (f *function) stretches() []region {
	var found []region
	for from := range f.segments {
		for _, to := range f.leads(from) {
			if to > from {
				continue
			}
			i := slices.IndexFunc(found, func(r region) bool { return r.first == to })
			if i < 0 {
				i, found = len(found), append(found, region{first: to})
			}
			found[i].last = from
		}
	}
	slices.SortStableFunc(found, func(a, b region) int { return (a.last - a.first) - (b.last - b.first) })
	return found
}

// enclose makes one loop of the regions within a stretch, if they can be one.
func (f *function) enclose(all []region, loop region) []region {
	from := slices.IndexFunc(all, func(r region) bool { return r.first == loop.first })
	to := slices.IndexFunc(all, func(r region) bool { return r.last == loop.last })
	if from < 0 || to < from {
		return all
	}
	items := all[from : to+1]
	entry := f.entry(items, loop)
	if entry < 0 {
		return all
	}
	// Go writes the condition of a loop behind what it repeats, and jumps there first.
	loop.head, loop.items = items[entry].head, slices.Concat(items[entry:], items[:entry])
	if !f.loops(loop) {
		return all
	}
	return slices.Concat(all[:from], []region{loop}, all[to+1:])
}

// entry returns the index of the one item by which a loop is entered, or -1 if there are more.
func (f *function) entry(items []region, loop region) int {
	entry := -1
	for from := range f.segments {
		if loop.holds(from) {
			continue
		}
		for _, to := range f.leads(from) {
			if !loop.holds(to) {
				continue
			}
			i := slices.IndexFunc(items, func(r region) bool { return r.head == to })
			if i < 0 || entry >= 0 && entry != i {
				return -1
			}
			entry = i
		}
	}
	return entry
}

// loops says whether a loop is resumed nowhere but at its start, and each way from item to item leads forward or there.
func (f *function) loops(loop region) bool {
	for from := loop.first; from <= loop.last; from++ {
		if f.segments[from].resumed && from != loop.head {
			return false
		}
		item := slices.IndexFunc(loop.items, func(r region) bool { return r.holds(from) })
		for _, to := range f.leads(from) {
			inside := loop.items[item].items != nil && loop.items[item].holds(to)
			if inside || to == loop.head || !loop.holds(to) {
				continue
			}
			if slices.IndexFunc(loop.items, func(r region) bool { return r.head == to }) <= item {
				return false
			}
		}
	}
	return true
}
