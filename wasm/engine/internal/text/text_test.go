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
		if HasPrefix(s, part) != strings.HasPrefix(s, part) || NewFinder(part).In(s) != strings.Contains(s, part) {
			t.Errorf("%q in %q", part, s)
		}
		if IndexByte(s, '-') != strings.IndexByte(s, '-') || IndexEither(s, '-', '+') != strings.IndexAny(s, "-+") {
			t.Errorf("index in %q", s)
		}
		before, after, more := Cut(s, '.')
		if wantBefore, wantAfter, wantMore := strings.Cut(s, "."); before != wantBefore || after != wantAfter || more != wantMore {
			t.Errorf("cut %q", s)
		}
	})
}
