package audience

import "testing"

// Recorded from the official SDK 6.6.1, where its golden cases leave something open.
func TestOddVersionsCompareAsInTheOfficialSDK(t *testing.T) {
	const none = 2
	for _, c := range []struct {
		name, wanted, got string
		order             int
	}{
		{"digits against text count the number at its front", "2.1-5abc", "2.1.6", +1},
		{"and may equal it", "2.1-5abc", "2.1.5", 0},
		{"and may be below it", "2.1-5abc", "2.1.4", -1},
		{"that number may be hexadecimal", "2.1+0x1F", "2.1.30", -1},
		{"hexadecimal, equal", "2.1+0x1F", "2.1.31", 0},
		{"but never has an exponent", "2.1-1e3", "2.1.1", 0},
		{"text without a number compares with nothing", "2.1-beta", "2.1.6", 0},
		{"leading zeros do not count", "2.1-010", "2.1-10", 0},
		{"a pre-release is below its release", "2.1", "2.1-010", -1},
		{"suffixes compare by UTF-16 units", "1.2.3-\U0001F600", "1.2.3-\uffff", +1},
		{"suffixes compare by UTF-16 units, the other way", "1.2.3-\uffff", "1.2.3-\U0001F600", -1},
		{"numbers have the precision of a double", "99999999999999999999", "99999999999999999998", 0},
		{"an empty suffix is no part", "2-", "2", 0},
		{"but makes a pre-release", "2", "2-", -1},
		{"an empty build is no part", "2+", "2.1", 0},
		{"a missing part is above a pre-release", "2.1-", "2", +1},
		{"a suffix of a plus alone", "1-+", "1-", +1},
		{"a suffix alone is no version", "+2", "2", none},
		{"a no-break space in the condition is no version", "\u00a02", "2", none},
		{"an em space in the attribute is no version", "2", "2\u2003", none},
		{"a zero-width space is no digit", "2", "2\u200b", none},
	} {
		t.Run(c.name, func(t *testing.T) {
			for match, want := range map[string]Truth{"semver_eq": truthOf(c.order == 0), "semver_gt": truthOf(c.order > 0), "semver_lt": truthOf(c.order < 0)} {
				if c.order == none {
					want = Unknown
				}
				if got := evalText(t, is(match, `"`+c.wanted+`"`), c.got); got != want {
					t.Errorf("%q %s %q: %v, want %v", c.got, match, c.wanted, got, want)
				}
			}
		})
	}
}

func TestPartsOfSeveralDigitsCompareAsNumbers(t *testing.T) {
	for _, c := range []struct {
		wanted, got string
		order       int
	}{
		{"9", "10", +1},
		{"10", "9", -1},
		{"12", "2", -1},
		{"1.9", "1.10", +1},
		{"3.10.2", "3.9.12", -1},
		{"3.10.2", "3.10.12", +1},
		{"20.04", "20.4", 0},
		{"123456789", "123456789", 0},
		{"123456789", "23456789", -1},
		{"1", "4294967297", +1}, // more than 32 bits
		{"4294967297", "1", -1},
	} {
		for match, want := range map[string]Truth{"semver_eq": truthOf(c.order == 0), "semver_gt": truthOf(c.order > 0), "semver_lt": truthOf(c.order < 0)} {
			if got := evalText(t, is(match, `"`+c.wanted+`"`), c.got); got != want {
				t.Errorf("%q %s %q: %v, want %v", c.got, match, c.wanted, got, want)
			}
		}
	}
}
