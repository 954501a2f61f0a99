package jsontext

// Member says what becomes of an object's member: To is a *string, which takes its Text, a *Raw, which takes that of any value, a *bool,
// which tells whether it is true, or a func() that consumes it.
type Member struct {
	Name string
	To   any
}

// Raw is the exact text of a value.
type Raw string

// Members reads an object whose members are known beforehand; others are skipped. A row of names and places is a third of the code
// that a switch in a function is, and there are many of them. Nothing of it allocates, as nothing of it is kept. It costs least to
// give them in alphabetical order, which datafiles have: each is then the first that is looked at.
func (p *Parser) Members(members ...Member) {
	if !p.open(Object) {
		return
	}
	at := 0
	for name, ok := p.name(true); ok; name, ok = p.name(false) {
		if i := find(members, name, at); i < len(members) {
			p.member(members[i].To)
			at = i + 1
		} else {
			p.Skip()
		}
		if p.err != nil {
			p.err.within(name)
		}
	}
}

// find returns the place of a member, looking at those from a place on first, and len(members) when there is none.
func find(members []Member, name string, from int) int {
	for i := from; i < len(members); i++ {
		if members[i].Name == name {
			return i
		}
	}
	for i := 0; i < len(members) && i < from; i++ {
		if members[i].Name == name {
			return i
		}
	}
	return len(members)
}

func (p *Parser) member(to any) {
	switch to := to.(type) {
	case *string:
		*to = p.Text()
	case *Raw:
		*to = Raw(p.Raw())
	case *bool:
		*to = p.Bool()
	case func():
		to()
	}
}
