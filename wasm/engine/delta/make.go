package delta

// A match is looked for by the hash of seed bytes, and of candidates with the same hash the longest of a few is taken: JSON repeats
// itself, so the first may be a short one. Seeds of the old text are taken from every stride bytes of it.
const (
	seed       = 16
	stride     = 8
	candidates = 16
)

// Make returns a delta that makes the new text of the old one. It takes time proportional to both; where nothing is alike the
// delta is some twelve bytes longer than the new text. Neither may be longer than MaxBytes.
func Make(old, text []byte) []byte {
	w := writer{old: old, text: text}
	for hash := sum(text); len(w.delta) < hashSize; hash >>= 8 {
		w.delta = append(w.delta, byte(hash))
	}
	prefix := common(old, text)
	w.copy(0, 0, prefix)
	suffix := commonEnd(old[prefix:], text[prefix:])
	end := len(text) - suffix
	if end-w.done >= seed {
		w.search(end)
	}
	w.copy(len(old)-suffix, end, suffix)
	return w.finish()
}

// writer writes a delta. What lies between done and the next copy is inserted.
type writer struct {
	old, text []byte
	delta     []byte
	done      int // bytes of text that are written
	at        int // where the last copy ended in old
}

// search looks for pieces of the old text in the new one, from where the writer is to end.
func (w *writer) search(end int) {
	seeds := newIndex(w.old)
	for i := w.done; i+seed <= end; {
		from, at, size := seeds.longest(w, i, end)
		if size == 0 {
			i++
			continue
		}
		w.copy(from, at, size)
		i = w.done
	}
}

// copy writes that size bytes of text at a place are those of old from another, and before it what was not written yet. A copy too
// short to be worth its instruction is left to be inserted.
func (w *writer) copy(from, at, size int) {
	if size < 8 {
		return
	}
	w.insert(at)
	w.delta = appendNumber(w.delta, size<<1|1)
	distance := from - w.at
	w.delta = appendNumber(w.delta, distance<<1^distance>>63)
	w.done, w.at = at+size, from+size
}

// insert writes text up to a place.
func (w *writer) insert(to int) {
	if to > w.done {
		w.delta = appendNumber(w.delta, (to-w.done)<<1)
		w.delta = append(w.delta, w.text[w.done:to]...)
		w.done = to
	}
}

func (w *writer) finish() []byte {
	w.insert(len(w.text))
	return w.delta
}

func appendNumber(b []byte, n int) []byte {
	for n >= 0x80 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n))
}

// index finds seeds of a text by their hash. Places are chained from the last to the first.
type index struct {
	last     []int32 // by hash: a seed's number plus one
	previous []int32 // by seed's number: the same
	shift    int
}

func newIndex(text []byte) *index {
	seeds := max(0, len(text)-seed+stride) / stride
	x := &index{shift: 64}
	size := 1
	for size < 2*seeds {
		size, x.shift = size<<1, x.shift-1
	}
	x.last, x.previous = make([]int32, size), make([]int32, seeds)
	for n := range seeds {
		h := x.hash(text[n*stride:])
		x.previous[n], x.last[h] = x.last[h], int32(n+1)
	}
	return x
}

// hash is of a seed's bytes; the multiplier is xxHash's.
func (x *index) hash(b []byte) uint64 { return (word(b) + word(b[8:])*prime2) * prime1 >> x.shift }

// longest returns the longest match around the seed at a place of the writer's text, or a size of 0. A match that goes on where the
// last copy ended is looked at first: what was replaced by something as long leaves no better one.
func (x *index) longest(w *writer, place, end int) (from, at, size int) {
	try := func(old int) {
		if f, a, s := w.around(old, place, end); s >= seed && s > size {
			from, at, size = f, a, s
		}
	}
	if next := w.at + place - w.done; next < len(w.old) {
		try(next)
	}
	n := x.last[x.hash(w.text[place:])]
	for tried := 0; n != 0 && tried < candidates; n, tried = x.previous[n-1], tried+1 {
		try(int(n-1) * stride)
	}
	return from, at, size
}

// around stretches a match of one place in old and another in text to both sides, not over what is written and not beyond end.
func (w *writer) around(old, place, end int) (from, at, size int) {
	ahead := common(w.old[old:], w.text[place:end])
	if ahead == 0 {
		return 0, 0, 0
	}
	back := commonEnd(w.old[:old], w.text[w.done:place])
	return old - back, place - back, back + ahead
}

// common is how many bytes two texts have in common from their start.
func common(a, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for i+8 <= n && word(a[i:]) == word(b[i:]) {
		i += 8
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// commonEnd is the same from their end.
func commonEnd(a, b []byte) int {
	i := 0
	for i < min(len(a), len(b)) && a[len(a)-1-i] == b[len(b)-1-i] {
		i++
	}
	return i
}
