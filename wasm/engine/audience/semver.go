package audience

import (
	"sortition/wasm/engine/internal/ecma"
	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/text"
)

// version is a semantic version as the official SDK reads it: one to three numbers joined by points, and after the first '-'
// (a pre-release) or '+' (a build) a suffix, which counts as one more part unless it is empty.
type version struct {
	_       lean.Uncompared
	parts   [4]string
	count   int
	release release
}

type release uint8

const (
	plain release = iota
	preRelease
	build
)

// wantedVersion is the version of a condition.
type wantedVersion struct {
	_ lean.Uncompared
	version
	numbers  [4]float64   // of its parts, where a version's are digits
	front    plainVersion // its parts but for the suffix
	hasFront bool
	isPlain  bool // front is all of it
}

// parseVersion reads the version of a condition, or returns nil when it is none.
func parseVersion(s string) *wantedVersion {
	v := new(wantedVersion)
	if !v.split(s) {
		return nil
	}
	for i := range v.count {
		v.numbers[i] = ecma.ParseInt(v.parts[i], 0)
	}
	front := s
	if at := text.IndexEither(s, '-', '+'); at >= 0 {
		front = s[:at]
	}
	v.front, v.hasFront = parsePlain(front)
	v.isPlain = v.hasFront && v.release == plain
	return v
}

// split cuts s into parts and tells whether it is a version. It allocates nothing.
func (v *version) split(s string) bool {
	for _, r := range s {
		if ecma.IsSpace(r) {
			return false
		}
	}
	prefix, suffix := s, ""
	if at := text.IndexEither(s, '-', '+'); at >= 0 {
		prefix, suffix = s[:at], s[at+1:]
		v.release = preRelease
		if s[at] == '+' {
			v.release = build
		}
	}
	for more := true; more; {
		var part string
		part, prefix, more = text.Cut(prefix, '.')
		if v.count == 3 || !text.IsDigits(part) {
			return false
		}
		v.add(part)
	}
	if suffix != "" {
		v.add(suffix)
	}
	return true
}

func (v *version) add(part string) {
	v.parts[v.count] = part
	v.count++
}

// compare orders the user's version against the wanted one. Only the parts that the condition has count, so 2.1.9 equals 2.1. ok
// is false when the text is no version.
func (v *wantedVersion) compare(text string) (o order, ok bool) {
	if v.hasFront {
		if o, ok := v.front.compareText(text, v.isPlain); ok {
			return o, true
		}
	}
	return v.compareParts(text)
}

// compareParts is compare for any two versions.
func (v *wantedVersion) compareParts(text string) (o order, ok bool) {
	var user version
	if !user.split(text) {
		return 0, false
	}
	for i := range v.count {
		if o := v.comparePart(&user, i); o != equal {
			return o, true
		}
	}
	if user.release == preRelease && v.release != preRelease {
		return less, true
	}
	return equal, true
}

// comparePart orders the parts at i. Digits are compared as numbers, and a pre-release comes before the version it leads to.
func (v *wantedVersion) comparePart(user *version, i int) order {
	if i >= user.count {
		if v.release == plain {
			return less
		}
		return greater
	}
	if text.IsDigits(user.parts[i]) {
		return orderOf(ecma.ParseInt(user.parts[i], 10), v.numbers[i])
	}
	switch o := orderOf(ecma.Compare(user.parts[i], v.parts[i]), 0); {
	case o == less && v.release == preRelease && user.release != preRelease:
		return greater
	case o == greater && v.release != preRelease && user.release == preRelease:
		return less
	default:
		return o
	}
}
