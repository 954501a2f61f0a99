package jsontext

// number consumes a number by JSON's grammar: no leading zeros or plus sign, digits on both sides of the point.
func (p *Parser) number() {
	if p.text[p.pos] == '-' {
		p.pos++
	}
	if p.pos < len(p.text) && p.text[p.pos] == '0' {
		p.pos++
	} else {
		p.digits()
	}
	if p.pos < len(p.text) && p.text[p.pos] == '.' {
		p.pos++
		p.digits()
	}
	if p.pos < len(p.text) && (p.text[p.pos] == 'e' || p.text[p.pos] == 'E') {
		p.pos++
		if p.pos < len(p.text) && (p.text[p.pos] == '+' || p.text[p.pos] == '-') {
			p.pos++
		}
		p.digits()
	}
}

// digits consumes one digit or more.
func (p *Parser) digits() {
	start := p.pos
	for p.pos < len(p.text) && isDigit(p.text[p.pos]) {
		p.pos++
	}
	if p.pos == start {
		p.Fail("expected a digit")
	}
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
