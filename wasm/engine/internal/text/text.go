// Package text is the handful of package strings that the engine needs. Package strings brings Unicode's tables with it, 10 KB of
// the module's download after compression; these functions bring nothing.
package text

// HasPrefix tells whether s begins with prefix.
func HasPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && s[:len(prefix)] == prefix
}

// Contains tells whether part is in s.
func Contains(s, part string) bool {
	if part == "" {
		return true
	}
	for i := 0; i+len(part) <= len(s); i++ {
		if s[i] == part[0] && s[i:i+len(part)] == part {
			return true
		}
	}
	return false
}

// IndexByte returns the first index of c in s, or -1.
func IndexByte(s string, c byte) int {
	for i := 0; i < len(s); i++ {
		if s[i] == c {
			return i
		}
	}
	return -1
}

// IndexEither returns the first index of a or b in s, or -1.
func IndexEither(s string, a, b byte) int {
	for i := 0; i < len(s); i++ {
		if s[i] == a || s[i] == b {
			return i
		}
	}
	return -1
}

// Cut splits s around the first sep; more is false, and before all of s, when there is none.
func Cut(s string, sep byte) (before, after string, more bool) {
	if i := IndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// Append appends s to dst. A call is a fifth of the code that append itself is at each of its many places.
//
//go:noinline
func Append(dst []byte, s string) []byte { return append(dst, s...) }
