package audience

// plainVersion is what nearly every version is: one to three numbers of up to nine digits. A short one is compared with it in a small part
// of the time that the rules for all versions take, with the same outcome.
type plainVersion struct{ numbers [4]int32 } // and their count in place of the last one: with four, an index masked to two bits needs no check

const count = 3

// parsePlain reads s, and tells whether it is plain.
func parsePlain(s string) (v plainVersion, ok bool) {
	number, digits := int32(0), 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9' && digits < 9:
			number = number*10 + int32(c-'0')
			digits++
		case c == '.' && digits > 0 && v.numbers[count] < 2:
			v.add(number)
			number, digits = 0, 0
		default:
			return v, false
		}
	}
	v.add(number)
	return v, digits > 0
}

func (v *plainVersion) add(number int32) {
	v.numbers[v.numbers[count]&3] = number
	v.numbers[count]++
}

// compare orders a version of up to eight bytes, the first one lowest, as wantedVersion.compare does: only the parts that are wanted count,
// and a part that the version lacks makes it the lower one. ok is false when it is not plain. It calls nothing.
func (v *plainVersion) compare(version uint64) (o order, ok bool) {
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
		o = v.comparePart(o, part, number)
		if version == 0 {
			if o == equal && part+1 < v.numbers[count] {
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

// compareText is compare for a version of any length. isAll says that no suffix is wanted behind the numbers: else only these may tell. ok is false
// for what has to be looked at more closely.
func (v *plainVersion) compareText(version string, isAll bool) (o order, ok bool) {
	o = equal
	number, digits, part := int32(0), 0, int32(0)
	for i := 0; ; i++ {
		end := i == len(version)
		if !end && version[i]-'0' <= 9 {
			number = number*10 + int32(version[i]-'0')
			digits++
			continue
		}
		if digits == 0 || digits > 9 {
			return 0, false
		}
		o = v.comparePart(o, part, number)
		number, digits = 0, 0
		part++
		isTold := o != equal
		switch {
		case end:
			if !isTold && part < v.numbers[count] {
				o = less
			}
			return o, isTold || isAll
		case version[i] == '.' && part < 3:
		case (version[i] == '-' || version[i] == '+') && isVisible(version[i:]):
			if !isTold && version[i] == '-' {
				o = less
			}
			return o, isTold || isAll && part >= v.numbers[count]
		default:
			return 0, false
		}
	}
}

// isVisible tells whether s is of ASCII characters of which none is white space.
func isVisible(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7F {
			return false
		}
	}
	return true
}

// comparePart goes on with a comparison: the first part that differs decides.
func (v *plainVersion) comparePart(o order, part, number int32) order {
	if o != equal || part >= v.numbers[count] {
		return o
	}
	return orderOf(number, v.numbers[part&3])
}
