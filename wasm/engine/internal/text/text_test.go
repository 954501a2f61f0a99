package text

import (
	"strings"
	"testing"
)

func FuzzTextAgreesWithPackageStrings(f *testing.F) {
	f.Add("2.1.0-beta+7", "beta")
	f.Add("", "")
	f.Add("aaab", "aab")
	f.Add("a", "\x00a")
	f.Add("a long text with a longer part in it", "a longer part")
	f.Fuzz(func(t *testing.T, s, part string) {
		if HasPrefix(s, part) != strings.HasPrefix(s, part) || !hasHalf(part) && NewFinder(part).In(s) != strings.Contains(s, part) {
			t.Errorf("%q in %q", part, s)
		}
		if indexByte(s, '-') != strings.IndexByte(s, '-') || IndexEither(s, '-', '+') != strings.IndexAny(s, "-+") {
			t.Errorf("index in %q", s)
		}
		before, after, more := Cut(s, '.')
		if wantBefore, wantAfter, wantMore := strings.Cut(s, "."); before != wantBefore || after != wantAfter || more != wantMore {
			t.Errorf("cut %q", s)
		}
	})
}

// The halves of U+1F600, which a text of Go's cannot name otherwise.
const first, second = "\xED\xA0\xBD", "\xED\xB8\x80"

func TestHalfACharacterIsInIt(t *testing.T) {
	for _, c := range []struct {
		s, part string
		in      bool
	}{
		{"\U0001F600", first, true},
		{"\U0001F600", second, true},
		{"a\U0001F600b", "a" + first, true},
		{"a\U0001F600b", second + "b", true},
		{"\U0001F600x\U0001F600", second + "x" + first, true},
		{"\U0001F600\U0001F600", second + "\U0001F600", true},
		{"\U0001F600", second + first, false},
		{"\U0001F601", second, false},
		{first + "x", first, true},
		{"", first, false},
	} {
		if in := NewFinder(c.part).In(c.s); in != c.in {
			t.Errorf("%q in %q: %v", c.part, c.s, in)
		}
	}
}
