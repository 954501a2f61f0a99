package audience

// plainVersion is what nearly every version is: one to three numbers of up to nine digits. Two of them are compared in a small
// part of the time that the rules for all versions take, with the same outcome.
type plainVersion struct {
	numbers [4]int32 // the last one is not used: with four, an index masked to two bits needs no check
	count   int32
}

// parsePlain reads s, and tells whether it is plain.
func parsePlain(s string) (v plainVersion, ok bool) {
	number, digits := int32(0), 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9' && digits < 9:
			number = number*10 + int32(c-'0')
			digits++
		case c == '.' && digits > 0 && v.count < 2:
			v.numbers[v.count&3] = number
			v.count++
			number, digits = 0, 0
		default:
			return v, false
		}
	}
	v.numbers[v.count&3] = number
	v.count++
	return v, digits > 0
}

// comparePlain orders the user's version against the wanted one as wantedVersion.compare does: only the parts that are wanted
// count, and a part the user's version lacks makes it the lower one. ok is false when the user's version is not plain, or longer
// than versions are.
func comparePlain(user string, wanted *plainVersion) (o order, ok bool) {
	if len(user) > 9 {
		return 0, false // a part could be too large for an int32
	}
	o = equal
	number, digits, part := int32(0), 0, int32(0)
	for i := 0; i < len(user); i++ {
		if digit := user[i] - '0'; digit <= 9 {
			number = number*10 + int32(digit)
			digits++
			continue
		}
		if user[i] != '.' || digits == 0 || part == 2 {
			return 0, false
		}
		o = wanted.comparePart(o, part, number)
		part++
		number, digits = 0, 0
	}
	if digits == 0 {
		return 0, false
	}
	o = wanted.comparePart(o, part, number)
	if o == equal && part+1 < wanted.count {
		o = less
	}
	return o, true
}

// comparePart goes on with a comparison: the first part that differs decides.
func (wanted *plainVersion) comparePart(o order, part, number int32) order {
	if o != equal || part >= wanted.count {
		return o
	}
	return orderOf(number, wanted.numbers[part&3])
}
