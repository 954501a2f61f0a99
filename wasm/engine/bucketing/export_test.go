package bucketing

// Hash is the hash of bytes as they are, with any seed.
func Hash(s string, seed uint32) uint32 {
	p := Prefix{hash: seed}
	return p.Hash(s)
}
