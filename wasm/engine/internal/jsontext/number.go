package jsontext

// numberEnd returns where a number ends by JSON's grammar: no leading zeros or plus sign, digits on both sides of the point. When it
// breaks off, ok is false, and end where a digit is missing.
func numberEnd(s string, at int) (end int, ok bool) {
	if s[at] == '-' {
		at++
	}
	if at < len(s) && s[at] == '0' {
		at, ok = at+1, true
	} else {
		at, ok = digitsEnd(s, at)
	}
	if ok && at < len(s) && s[at] == '.' {
		at, ok = digitsEnd(s, at+1)
	}
	if ok && at < len(s) && s[at]|0x20 == 'e' {
		if at++; at < len(s) && (s[at] == '+' || s[at] == '-') {
			at++
		}
		at, ok = digitsEnd(s, at)
	}
	return at, ok
}

// digitsEnd returns where digits end, and whether there is one.
func digitsEnd(s string, at int) (end int, ok bool) {
	for at < len(s) && isDigit(s[at]) {
		at, ok = at+1, true
	}
	return at, ok
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// smallInt reads what nearly every number of a datafile is, a few digits, without strconv.
func smallInt(literal string) (n int, ok bool) {
	if len(literal) == 0 || len(literal) > 9 {
		return 0, false
	}
	for i := 0; i < len(literal); i++ {
		if !isDigit(literal[i]) {
			return 0, false
		}
		n = n*10 + int(literal[i]-'0')
	}
	return n, true
}
