package text

// Hash scatters texts, for whoever looks them up in a table of their own: a map of Go's brings two dozen functions along, which a page would
// have to compile before its first decision.
func Hash(s string) int {
	h := uint64(len(s))
	for ; len(s) >= 8; s = s[8:] {
		h = mix(h, Word(s))
	}
	rest := uint64(0)
	for i := 0; i < len(s); i++ {
		rest = rest<<8 | uint64(s[i])
	}
	return int(mix(h, rest))
}

// mix multiplies with the golden ratio, which spreads what differs upwards, and folds that down again.
func mix(h, word uint64) uint64 {
	h = (h ^ word) * 0x9E3779B97F4A7C15
	return h ^ h>>32
}
