package delta

// MaxBytes bounds what Apply makes: no datafile is larger.
const MaxBytes = 32 << 20

const hashSize = 8

// Apply makes the new text of the old one and a delta; false when the delta is damaged, or was made for another text. It takes no
// longer than its arguments and the new text are long.
func Apply(old, delta string) ([]byte, bool) {
	if len(delta) < hashSize {
		return nil, false
	}
	hash := word([]byte(delta[:hashSize]))
	made := make([]byte, 0, len(old))
	at := 0 // where the last copy ended
	for delta = delta[hashSize:]; delta != ""; {
		var n, distance int
		n, delta = number(delta)
		source, size := delta, n>>1
		if n&1 != 0 {
			distance, delta = number(delta)
			at += distance>>1 ^ -(distance & 1)
			if uint(at) > uint(len(old)) {
				return nil, false
			}
			source = old[at:]
			at += size
		}
		if n < 0 || distance < 0 || size > len(source) || size > MaxBytes-len(made) {
			return nil, false
		}
		made = append(made, source[:size]...)
		if n&1 == 0 {
			delta = delta[size:]
		}
	}
	return made, sum(made) == hash
}

// number takes a varint of up to 28 bits, more than MaxBytes needs, off a delta; -1 is none.
func number(delta string) (n int, rest string) {
	for shift := 0; shift < 28 && delta != ""; shift += 7 {
		b := delta[0]
		delta = delta[1:]
		n |= int(b&0x7f) << shift
		if b < 0x80 {
			return n, delta
		}
	}
	return -1, ""
}
