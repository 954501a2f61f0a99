package eventlog

// idsChunk is how many ids lie together.
const idsChunk = 8 << 10

// ids is a queue of event ids that one may also take back the newest from. It
// grows by chunks: a ring that doubles would hold up to twice what it needs.
type ids struct {
	chunks [][]uint64 // full ones, but for the last
	first  int        // index of the oldest in the first chunk
	n      int
}

func (q *ids) push(id uint64) {
	if last := len(q.chunks) - 1; last < 0 || len(q.chunks[last]) == idsChunk {
		q.chunks = append(q.chunks, make([]uint64, 0, idsChunk))
	}
	last := &q.chunks[len(q.chunks)-1]
	*last = append(*last, id)
	q.n++
}

// oldest takes the id that was pushed first; there must be one.
func (q *ids) oldest() uint64 {
	id := q.chunks[0][q.first]
	q.n--
	if q.first++; q.first == idsChunk {
		q.chunks, q.first = q.chunks[1:], 0
	}
	return id
}

// newest takes the id that was pushed last; there must be one.
func (q *ids) newest() uint64 {
	last := &q.chunks[len(q.chunks)-1]
	end := len(*last) - 1
	id := (*last)[end]
	q.n--
	if *last = (*last)[:end]; end == 0 {
		q.chunks = q.chunks[:len(q.chunks)-1]
	}
	return id
}
