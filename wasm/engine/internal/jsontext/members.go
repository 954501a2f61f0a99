package jsontext

// Member says what becomes of an object's member: To is a *string, which takes its Text, a *bool, which tells whether it is true, or
// a func() that consumes it.
type Member struct {
	Name string
	To   any
}

// Members reads an object whose members are known beforehand; others are skipped. A row of names and places is a third of the code
// that a switch in a function is, and there are many of them.
func (p *Parser) Members(members ...Member) {
	p.Object(func(key string) {
		for i := range members {
			if members[i].Name == key {
				p.member(members[i].To)
				return
			}
		}
		p.Skip()
	})
}

func (p *Parser) member(to any) {
	switch to := to.(type) {
	case *string:
		*to = p.Text()
	case *bool:
		*to = p.Bool()
	case func():
		to()
	}
}
