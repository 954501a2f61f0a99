package audience

// plainVersion is what nearly every version is: one to three numbers of up to nine digits. A short one is compared with it in a small part
// of the time that the rules for all versions take, with the same outcome.
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

// compare orders a version of up to eight bytes, the first one lowest, as wantedVersion.compare does: only the parts that are wanted count,
// and a part that the version lacks makes it the lower one. ok is false when it is not plain. It calls nothing.
func (wanted *plainVersion) compare(version uint64) (o order, ok bool) {
	o = equal
	for part := int32(0); ; part++ {
		digit := uint8(version) - '0'
		if digit > 9 || part == 3 {
			return 0, false
		}
		number := int32(digit)
		version >>= 8
		for uint8(version)-'0' <= 9 {
			number = number*10 + int32(uint8(version)-'0')
			version >>= 8
		}
		o = wanted.comparePart(o, part, number)
		if version == 0 {
			if o == equal && part+1 < wanted.count {
				o = less
			}
			return o, true
		}
		if uint8(version) != '.' {
			return 0, false
		}
		version >>= 8
	}
}

// comparePart goes on with a comparison: the first part that differs decides.
func (wanted *plainVersion) comparePart(o order, part, number int32) order {
	if o != equal || part >= wanted.count {
		return o
	}
	return orderOf(number, wanted.numbers[part&3])
}
