package eventlog

import (
	"bytes"
	"slices"

	"github.com/klauspost/compress/s2"
)

// packFrom is the length in bytes from which bodies are packed: those of one
// event have little that stands in them twice.
const packFrom = 1 << 10

// appendPacked appends a body as a block of S2, or as it is where the block is
// no shorter or happens to contain the mark of a record. So nothing in a body is
// ever taken for the start of a record: a plain body cannot contain the mark with
// the version behind it.
func appendPacked(dst []byte, body string) (_ []byte, packed bool) {
	start := len(dst)
	dst = append(dst, body...)
	if len(body) < packFrom {
		return dst, false
	}
	dst = slices.Grow(dst, s2.MaxEncodedLen(len(body)))
	block := s2.Encode(dst[len(dst):cap(dst)], dst[start:])
	if len(block) >= len(body) || bytes.Contains(block, []byte(recordMark)) {
		return dst, false
	}
	return append(dst[:start], block...), true
}

// unpack makes a packed body plain, in buffer if there is room, and returns
// the buffer for the next one.
func (p *payload) unpack(buffer []byte) ([]byte, error) {
	if !p.packed {
		return buffer, nil
	}
	if length, err := s2.DecodedLen(p.body); err != nil || length > MaxBody {
		return buffer, errPayload
	}
	plain, err := s2.Decode(buffer[:cap(buffer)], p.body)
	if err != nil {
		return buffer, errPayload
	}
	p.body, p.packed = plain, false
	return plain, nil
}
